import path from 'node:path'
import { contains } from '../base/files/paths.ts'
import { exists, isFile, realPath } from '../base/files/stat.ts'
import { isPlainPath } from '../base/names.ts'
import { appFolders } from '../finders/finders.ts'
import type { Options } from './options.ts'
import type { ResolvedOptions } from './resolve.ts'
import { refuse } from './validate.ts'

/**
 * The counterparts of Django's checks of the static files settings.
 * @see https://docs.djangoproject.com/en/stable/ref/checks/#staticfiles
 * @returns warnings: folders that do not exist (W004)
 * @throws StaticFilesError naming everything that is wrong
 */
export function checkOptions(options: Options, resolved: ResolvedOptions): string[] {
  refuse([...prefixErrors(options), ...appErrors(options, resolved), ...locationErrors(resolved)])
  return missingFolders(options, resolved)
}

/** E003, and more: a prefix is the start of names. */
function prefixErrors({ dirs = [] }: Options): string[] {
  const prefixes = dirs.map(dir => (typeof dir === 'string' ? '' : dir[0])).filter(prefix => prefix !== '')
  return prefixes.flatMap(prefix => {
    if (prefix.endsWith('/')) return [`\`dirs\`: the prefix '${prefix}' must not end with a slash`]
    return isPlainPath(prefix) ? [] : [`\`dirs\`: the prefix '${prefix}' must be a plain relative path`]
  })
}

function appErrors({ apps = [] }: Options, { root }: ResolvedOptions): string[] {
  const files = apps.map(app => path.resolve(root, app)).filter(isFile)
  return files.map(file => `\`apps\`: ${file} is a file, not a folder`)
}

/** E002, and more: neither may the static root lie in a location nor a location in the static root. */
function locationErrors({ finders, staticRoot }: ResolvedOptions): string[] {
  const errors = isFile(staticRoot) ? [`\`staticRoot\`: ${staticRoot} is a file, not a folder`] : []
  const target = realPath(staticRoot)
  for (const { root, option } of finders.flatMap(finder => finder.locations)) {
    const location = realPath(root)
    if (isFile(root)) errors.push(`\`${option}\`: ${root} is a file, not a folder`)
    else if (location === target) errors.push(`\`${option}\`: ${root} is the static root itself`)
    else if (contains(location, target)) {
      errors.push(
        `\`staticRoot\`: ${staticRoot} lies in ${root} of \`${option}\`, so each build would collect the last`,
      )
    } else if (contains(target, location)) {
      errors.push(`\`${option}\`: ${root} lies in the static root ${staticRoot}, which a build may empty`)
    }
  }
  return errors
}

/** W004. An app without static files is nothing to speak of; an app that does not exist is. */
function missingFolders({ apps = [] }: Options, { root, finders }: ResolvedOptions): string[] {
  const locations = finders
    .flatMap(finder => finder.locations)
    .filter(location => !exists(location.root))
    .map(location => `\`${location.option}\`: the folder ${location.root} does not exist`)
  return [...locations, ...apps.flatMap(app => missingApp(app, root))]
}

function missingApp(app: string, root: string): string[] {
  const folders = appFolders(app, root)
  if (folders.length === 0) return [`\`apps\`: no folder matches ${app} in ${root}`]
  return folders
    .filter(folder => !exists(folder))
    .map(folder => `\`apps\`: the folder ${folder} does not exist`)
}
