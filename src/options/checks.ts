import { contains } from '../base/files/paths.ts'
import { exists, isFile, realPath } from '../base/files/stat.ts'
import type { FoundApp } from '../finders/apps.ts'
import type { ResolvedOptions } from './resolve.ts'
import { configurationError } from './validate.ts'

/**
 * Checks the folders that options name, as Django's checks of the static files settings do.
 * @see https://docs.djangoproject.com/en/stable/ref/checks/#staticfiles
 * @returns warnings about folders that do not exist (W004)
 * @throws StaticFilesError naming every folder that cannot be used
 */
export function checkFolders(options: ResolvedOptions): string[] {
  const problems = [...appProblems(options), ...locationProblems(options)]
  if (problems.length > 0) throw configurationError(problems)
  return missingFolders(options)
}

function appProblems({ apps }: ResolvedOptions): string[] {
  const files = apps.flatMap(({ folders }) => folders).filter(isFile)
  return files.map(file => `\`apps\`: ${file} is a file, not a folder`)
}

/** Returns E002, and more: the static root must not lie in a location, nor a location in the static root. */
function locationProblems({ finders, staticRoot }: ResolvedOptions): string[] {
  const problems = isFile(staticRoot) ? [`\`staticRoot\`: ${staticRoot} is a file, not a folder`] : []
  const target = realPath(staticRoot)
  for (const { root, option } of finders.flatMap(finder => finder.locations)) {
    const location = realPath(root)
    if (isFile(root)) problems.push(`\`${option}\`: ${root} is a file, not a folder`)
    else if (location === target) problems.push(`\`${option}\`: ${root} is the static root itself`)
    else if (contains(location, target)) {
      problems.push(
        `\`staticRoot\`: ${staticRoot} lies in ${root} of \`${option}\`, so each build would collect the last`,
      )
    } else if (contains(target, location)) {
      problems.push(`\`${option}\`: ${root} lies in the static root ${staticRoot}, which a build may empty`)
    }
  }
  return problems
}

/** Returns W004. An app without static files is normal, but an app that does not exist is worth a warning. */
function missingFolders({ root, apps, finders }: ResolvedOptions): string[] {
  const locations = finders
    .flatMap(finder => finder.locations)
    .filter(location => !exists(location.root))
    .map(location => `\`${location.option}\`: the folder ${location.root} does not exist`)
  return [...locations, ...apps.flatMap(app => missingApp(app, root))]
}

function missingApp({ item, folders }: FoundApp, root: string): string[] {
  if (folders.length === 0) return [`\`apps\`: no folder matches ${item} in ${root}`]
  return folders
    .filter(folder => !exists(folder))
    .map(folder => `\`apps\`: the folder ${folder} does not exist`)
}
