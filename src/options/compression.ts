import type { Encoding } from '../base/encodings.ts'
import { StaticFilesError } from '../base/errors.ts'
import { zstdZlib } from '../base/zstd.ts'
import type { CompressOptions } from './options.ts'

/** Which siblings are written, and for which files: {@link CompressOptions} with its defaults. */
export interface Compression {
  /** None of them where nothing is to be compressed. */
  encodings: readonly Encoding[]
  levels: Readonly<Record<Encoding, number>>
  /** Extensions without the dot, in lower case. */
  skip: ReadonlySet<string>
  /** The largest size of a sibling that is kept, as a share of the original's size. */
  maxRatio: number
  /** A folder, perhaps relative; `true` stands for one below Vite's cache. */
  cache: string | boolean
  /** In bytes. */
  cacheSize: number
}

/**
 * Extensions of files that are compressed already: WhiteNoise's list, nothing added or left out
 * (https://whitenoise.readthedocs.io/en/stable/django.html#WHITENOISE_SKIP_COMPRESS_EXTENSIONS).
 */
export const SKIP_EXTENSIONS: readonly string[] = [
  ...['jpg', 'jpeg', 'png', 'gif', 'webp'],
  ...['zip', 'gz', 'tgz', 'bz2', 'tbz', 'xz', 'br'],
  ...['swf', 'flv'],
  ...['woff', 'woff2'],
  ...['3gp', '3gpp', 'asf', 'avi', 'm4v', 'mov', 'mp4', 'mpeg', 'mpg', 'webm', 'wmv'],
]

/** The levels of each effort, chosen by what they save and take: docs/performance.md has the table. */
export const EFFORTS: Record<'small' | 'fast', Record<Encoding, number>> = {
  small: { br: 11, gzip: 9, zstd: 19 },
  fast: { br: 4, gzip: 6, zstd: 3 },
}

/** From zstd's level 20 on the window is larger than the 8 MiB that HTTP clients accept (RFC 9659). */
const LEVELS: Record<Encoding, readonly [option: string, least: number, most: number]> = {
  br: ['brotli', 0, 11],
  gzip: ['gzip', 1, 9],
  zstd: ['zstd', 1, 19],
}

/**
 * Fills in the defaults.
 * @throws StaticFilesError that names everything wrong at once
 */
export function resolveCompress(options: false | CompressOptions | undefined): Compression {
  const { gzip, brotli, zstd, effort, skip, maxRatio, cache, cacheSize } = options || {}
  const wanted: Record<Encoding, boolean | number> = {
    br: brotli ?? true,
    gzip: gzip ?? true,
    zstd: zstd ?? false,
  }
  const levels = { ...EFFORTS[effort ?? 'small'] }
  const names = ['br', 'gzip', 'zstd'] as const
  for (const name of names) if (typeof wanted[name] === 'number') levels[name] = wanted[name]
  const compression: Compression = {
    encodings: options === false ? [] : names.filter(name => wanted[name] !== false),
    levels,
    skip: new Set(
      (skip ?? SKIP_EXTENSIONS).map(extension => String(extension).replace(/^\./, '').toLowerCase()),
    ),
    maxRatio: maxRatio ?? 0.95,
    cache: cache ?? true,
    cacheSize: cacheSize ?? 512 * 1024 * 1024,
  }
  const problems = [...effortProblems(effort), ...problemsOf(compression)]
  if (problems.length > 0) throw new StaticFilesError(problems.join('\n'))
  return compression
}

function effortProblems(effort: string | undefined): string[] {
  if (effort === undefined || Object.hasOwn(EFFORTS, effort)) return []
  return [`compress.effort is 'small' or 'fast', not ${JSON.stringify(effort)}`]
}

function problemsOf({ encodings, levels, skip, maxRatio, cacheSize }: Compression): string[] {
  const problems = [...skip]
    .filter(extension => !/^[^./\\*\s][^/\\*]*$/.test(extension))
    .map(extension => `compress.skip takes extensions such as 'png', not ${JSON.stringify(extension)}`)
  if (!(typeof maxRatio === 'number' && maxRatio > 0 && maxRatio <= 1))
    problems.push(`compress.maxRatio must be above 0 and at most 1, not ${JSON.stringify(maxRatio)}`)
  if (!(typeof cacheSize === 'number' && cacheSize >= 0))
    problems.push(`compress.cacheSize is a number of bytes, not ${JSON.stringify(cacheSize)}`)
  for (const encoding of encodings) {
    const [option, least, most] = LEVELS[encoding]
    const level = levels[encoding]
    if (!(Number.isInteger(level) && level >= least && level <= most))
      problems.push(`compress.${option} is true, false or a level from ${least} to ${most}, not ${level}`)
  }
  if (encodings.includes('zstd') && !zstdZlib.zstdCompress)
    problems.push(
      `compress.zstd needs Node 22.15, 23.8 or later, and this is Node ${process.versions.node}: ` +
        'update Node, or leave compress.zstd out',
    )
  return problems
}

/**
 * Whether a file of this name gets siblings. A sibling never gets one of its own, even where `skip` is empty.
 * As in WhiteNoise an entry of `skip` may span several dots: `min.js` skips `a.min.js`.
 */
export function isCompressible(name: string, compression: Compression): boolean {
  const lower = name.toLowerCase()
  if (compression.encodings.length === 0 || /\.(?:br|gz|zst)$/.test(lower)) return false
  for (let dot = lower.indexOf('.'); dot >= 0; dot = lower.indexOf('.', dot + 1))
    if (compression.skip.has(lower.slice(dot + 1))) return false
  return true
}
