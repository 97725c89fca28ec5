import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { StaticFilesError } from './errors.ts'
import { contains } from './finders.ts'
import type { Options, ResolvedOptions } from './options.ts'

/**
 * The counterparts of Django's checks of the static files settings.
 * @see https://docs.djangoproject.com/en/stable/ref/checks/#staticfiles
 * @returns warnings: folders that do not exist (W004)
 * @throws StaticFilesError naming everything that is wrong
 */
export function checkOptions(options: Options, resolved: ResolvedOptions): string[] {
  const errors = [...shapeErrors(options), ...locationErrors(resolved)]
  if (errors.length > 0) {
    throw new StaticFilesError(
      `the configuration cannot be used\n${errors.map(error => `  ${error}`).join('\n')}`,
    )
  }
  return missingFolders(options, resolved)
}

/** E001 and E003. */
function shapeErrors({ dirs, apps }: Options): string[] {
  const errors: string[] = []
  if (dirs !== undefined && !Array.isArray(dirs)) errors.push("`dirs` must be a list: ['static']")
  if (apps !== undefined && !Array.isArray(apps)) errors.push("`apps` must be a list: ['polls']")
  for (const dir of Array.isArray(dirs) ? dirs : []) {
    const prefix = typeof dir === 'string' ? '' : dir[0]
    if (prefix.endsWith('/')) errors.push(`\`dirs\`: the prefix '${prefix}' must not end with a slash`)
    else if (
      prefix !== '' &&
      prefix.split('/').some((segment: string) => ['', '.', '..'].includes(segment))
    ) {
      errors.push(`\`dirs\`: the prefix '${prefix}' must be a plain relative path`)
    }
  }
  return errors
}

/** E002, and more: neither may the static root lie in a location nor a location in the static root. */
function locationErrors({ finders, staticRoot }: ResolvedOptions): string[] {
  const errors: string[] = []
  const target = realPath(staticRoot)
  if (statSync(staticRoot, { throwIfNoEntry: false })?.isFile())
    errors.push(`\`staticRoot\`: ${staticRoot} is a file`)
  for (const { root, option } of finders.flatMap(finder => finder.locations)) {
    const location = realPath(root)
    if (statSync(root, { throwIfNoEntry: false })?.isFile())
      errors.push(`\`${option}\`: ${root} is a file, not a folder`)
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
  const isMissing = (folder: string) => statSync(folder, { throwIfNoEntry: false }) === undefined
  const dirs = finders
    .flatMap(finder => finder.locations)
    .filter(location => isMissing(location.root))
    .map(location => `\`${location.option}\`: the folder ${location.root} does not exist`)
  const plainApps = apps.filter(app => !/[*?{}[\]!()]/u.test(app)).map(app => path.resolve(root, app))
  const missingApps = plainApps.filter(isMissing).map(app => `\`apps\`: the folder ${app} does not exist`)
  return [...dirs, ...missingApps]
}

/** The real path of a folder that need not exist. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    const parent = path.dirname(folder)
    return parent === folder ? folder : path.join(realPath(parent), path.basename(folder))
  }
}
