import { StaticFilesError } from '../base/errors.ts'
import { isPlainPath } from '../base/names.ts'
import { staticPathOf, staticUrlProblem } from '../base/static-url.ts'
import { zstdZlib } from '../base/zstd.ts'
import type { Options } from './options.ts'
import { shapeProblems } from './shapes.ts'

/**
 * Returns every mistake that shows in the options alone, one sentence each. Folders are checked later, because their
 * paths start at Vite's root.
 */
export function validate(options: Options): string[] {
  return [
    ...staticUrlProblems(options),
    ...shapeProblems(options),
    ...originProblems(options),
    ...prefixProblems(options),
    ...compressProblems(options),
    ...contradictions(options),
  ]
}

/**
 * Checks options before they are used.
 * @param more mistakes that were found elsewhere
 * @throws StaticFilesError naming them, and every mistake that {@link validate} returns
 */
export function checkOptions(options: Options, more: readonly string[] = []): void {
  const problems = [...validate(options), ...more]
  if (problems.length > 0) throw configurationError(problems)
}

/** Makes one error of all mistakes, each on a line of its own. */
export function configurationError(problems: readonly string[]): StaticFilesError {
  const lines = problems.map(problem => `  ${problem}`).join('\n')
  return new StaticFilesError(`the configuration cannot be used\n${lines}`)
}

// The functions below also get options of the wrong shape. They ignore them, because `shapeProblems` names them.

function staticUrlProblems({ staticUrl }: Options): string[] {
  if (typeof staticUrl !== 'string' || staticPathOf(staticUrl) !== undefined) return []
  return [staticUrlProblem(staticUrl)]
}

/** Returns the problems of `proxy` and `origins`. An origin is a scheme, a host and perhaps a port. */
function originProblems({ proxy, origins }: Options): string[] {
  const given = [
    ...(proxy === undefined ? [] : [['proxy', proxy]]),
    ...(Array.isArray(origins) ? origins.map(each => ['origins', each]) : []),
  ]
  return given
    .filter(([, origin]) => typeof origin === 'string' && !isOrigin(origin))
    .map(([option, origin]) => `\`${option}\`: '${origin}' is not an origin such as 'http://127.0.0.1:8000'`)
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, hash } = new URL(text)
  return /^https?:$/u.test(protocol) && pathname + search + hash === '/'
}

/** Returns E003, and more: a prefix must be the start of a name. */
function prefixProblems({ dirs }: Options): string[] {
  const prefixes = (Array.isArray(dirs) ? dirs : []).map(dir => (Array.isArray(dir) ? dir[0] : ''))
  return prefixes.flatMap(prefix => {
    if (typeof prefix !== 'string' || prefix === '') return []
    if (prefix.endsWith('/')) return [`\`dirs\`: the prefix '${prefix}' must not end with a slash`]
    return isPlainPath(prefix) ? [] : [`\`dirs\`: the prefix '${prefix}' must be a plain relative path`]
  })
}

function compressProblems({ compress }: Options): string[] {
  const { skip, zstd } = compress || {}
  const wrong = (Array.isArray(skip) ? skip : []).filter(
    each => typeof each === 'string' && !isExtension(each),
  )
  return [
    ...wrong.map(each => `\`compress.skip\`: '${each}' is not an extension such as 'png'`),
    ...(zstd !== undefined && zstd !== false && !zstdZlib.zstdCompress ? [MISSING_ZSTD] : []),
  ]
}

function isExtension(text: string): boolean {
  return /^\.?[^./\\*\s][^/\\*]*$/u.test(text)
}

const MISSING_ZSTD =
  `\`compress.zstd\` needs Node 22.15, 23.8 or later, and this is Node ${process.versions.node}: ` +
  'update Node, or leave `compress.zstd` out'

function contradictions({ hash, keepUnhashed }: Options): string[] {
  if (hash !== 'query' || keepUnhashed !== false) return []
  return [
    "`hash: 'query'` keeps all names plain, so there is nothing else to keep: leave out `keepUnhashed: false`",
  ]
}
