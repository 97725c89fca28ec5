import path from 'node:path'
import { StaticFilesError } from './errors.ts'
import { exists, isFile, realPath } from './file-kind.ts'
import { appFolders, contains, type Finder } from './finders.ts'
import { isPlainPath } from './names.ts'
import type { Options } from './options.ts'
import type { ResolvedOptions } from './resolve-options.ts'

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

/** @throws StaticFilesError where there are errors, one on a line */
export function refuse(errors: readonly string[]): void {
  if (errors.length === 0) return
  const lines = errors.map(error => `  ${error}`).join('\n')
  throw new StaticFilesError(`the configuration cannot be used\n${lines}`)
}

/** E001, and the like: lists that are none, or hold what does not belong there. */
export function shapeErrors(options: Options): string[] {
  const { dirs, apps, finders, entries, ignore, templates, origins, reload } = options
  return [
    ...djangoErrors(options),
    ...modeErrors(options),
    ...hashErrors(options),
    ...listErrors('dirs', dirs, isDir, "folders or [prefix, folder]: ['static', ['img', 'images']]"),
    ...listErrors('apps', apps, isString, "folders: ['polls']"),
    ...listErrors('finders', finders, isFinder, 'objects with `locations`, `find` and `list`'),
    ...(entries === 'templates' ? [] : listErrors('entries', entries, isString, "names: ['polls/app.ts']")),
    ...listErrors('ignore', ignore, isString, "patterns: ['*.map']"),
    ...listErrors('templates', templates, isString, "folders: ['templates']"),
    ...listErrors('origins', origins, isString, "origins: ['http://mysite.test:8000']"),
    ...(reload === false ? [] : listErrors('reload', reload, isString, "globs: ['**/*.py']")),
  ]
}

function djangoErrors({ django }: Options): string[] {
  if (django === undefined || django === false || typeof django === 'string') return []
  const wanted = "`django` must be the path of manage.py, or { manage: 'manage.py', python, settings, env }"
  if (typeof django !== 'object' || django === null) return [wanted]
  const unknown = Object.keys(django).filter(key => !['manage', 'python', 'settings', 'env'].includes(key))
  return unknown.length === 0 ? [] : [`${wanted}; it has no ${unknown.join(', ')}`]
}

/** `644` in the place of `0o644` is a mistake that nothing else would show. */
function modeErrors(options: Options): string[] {
  return (['fileMode', 'folderMode'] as const)
    .filter(option => options[option] !== undefined && !isMode(options[option]))
    .map(
      option =>
        `\`${option}\` is ${options[option]}, but it must be a mode in octal, with which you can read what you write: 0o644`,
    )
}

function hashErrors({ hash, keepUnhashed }: Options): string[] {
  if (hash !== 'query' || keepUnhashed !== false) return []
  return [
    "`hash: 'query'` keeps all names plain, so there is nothing else to keep: leave out `keepUnhashed: false`",
  ]
}

function isMode(mode: number): boolean {
  return Number.isInteger(mode) && mode <= 0o7777 && (mode & 0o600) === 0o600
}

/** `proxy` and `origins` are origins: a scheme, a host and perhaps a port. */
export function originErrors({ proxy, origins }: Options): string[] {
  const given = [
    ...(proxy === undefined ? [] : [['proxy', proxy]]),
    ...(Array.isArray(origins) ? origins.map(each => ['origins', each]) : []),
  ]
  return given
    .filter(([, origin]) => typeof origin === 'string' && !isOrigin(origin))
    .map(([option, origin]) => `\`${option}\`: '${origin}' is no origin such as 'http://127.0.0.1:8000'`)
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, hash } = new URL(text)
  return /^https?:$/u.test(protocol) && pathname + search + hash === '/'
}

function listErrors(
  option: string,
  value: unknown,
  belongs: (item: unknown) => boolean,
  wanted: string,
): string[] {
  if (value === undefined || (Array.isArray(value) && value.every(belongs))) return []
  return [`\`${option}\` must be a list of ${wanted}`]
}

function isString(item: unknown): boolean {
  return typeof item === 'string'
}

function isDir(item: unknown): boolean {
  return isString(item) || (Array.isArray(item) && item.length === 2 && item.every(isString))
}

function isFinder(item: unknown): boolean {
  const { locations, find, list } = (item ?? {}) as Partial<Finder>
  return Array.isArray(locations) && typeof find === 'function' && typeof list === 'function'
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
