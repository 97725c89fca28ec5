import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { type Encoding, SUFFIXES, type Suffix } from '../../base/encodings.ts'
import { StaticFilesError } from '../../base/errors.ts'
import type { CompressOptions } from '../../options/options.ts'

/** A compressed form of a file that is worth keeping. */
export interface Sibling {
  suffix: Suffix
  bytes: Buffer
}

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

/** The part of Node's zlib that Node 20 and its types lack. */
interface ZstdZlib {
  zstdCompress?: (
    bytes: Buffer,
    options: ZstdOptions,
    done: (error: Error | null, result: Buffer) => void,
  ) => void
  zstdCompressSync?: (bytes: Buffer, options: ZstdOptions) => Buffer
  createZstdCompress?: (options: ZstdOptions) => Transform
  constants: { ZSTD_c_compressionLevel: number }
}
const zstdZlib = zlib as unknown as ZstdZlib

/** The levels of each effort, chosen by what they save and take: docs/performance.md has the table. */
const EFFORTS: Record<'small' | 'fast', Record<Encoding, number>> = {
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

/** The same bytes give the same result in one version of Node. */
export async function compressBytes(
  bytes: Buffer,
  encoding: Encoding,
  level: number = EFFORTS.small[encoding],
): Promise<Buffer> {
  return fromUnknownSystem(encoding, await compressors[encoding](bytes, level))
}

const compressors: Record<Encoding, (bytes: Buffer, level: number) => Promise<Buffer>> = {
  br: (bytes, level) => brotli(bytes, brotliOptions(level, bytes.length)),
  gzip: (bytes, level) => gzip(bytes, gzipOptions(level, bytes.length)),
  zstd: (bytes, level) => promisify(zstdZlib.zstdCompress!)(bytes, zstdOptions(level)),
}

const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)

/** {@link compressBytes} in the calling thread. */
export function compressHere(bytes: Buffer, encoding: Encoding, level: number): Buffer {
  return fromUnknownSystem(encoding, compressorsHere[encoding](bytes, level))
}

const compressorsHere: Record<Encoding, (bytes: Buffer, level: number) => Buffer> = {
  br: (bytes, level) => zlib.brotliCompressSync(bytes, brotliOptions(level, bytes.length)),
  gzip: (bytes, level) => zlib.gzipSync(bytes, gzipOptions(level, bytes.length)),
  zstd: (bytes, level) => zstdZlib.zstdCompressSync!(bytes, zstdOptions(level)),
}

function fromUnknownSystem(encoding: Encoding, compressed: Buffer): Buffer {
  if (encoding === 'gzip') gzipUnknownSystem.bytes.copy(compressed, gzipUnknownSystem.offset)
  return compressed
}

/** The same as a stream, for what is too large for memory. */
export function compressor(encoding: Encoding, level: number, size: number): Transform {
  if (encoding === 'br') return zlib.createBrotliCompress(brotliOptions(level, size))
  return encoding === 'gzip'
    ? zlib.createGzip(gzipOptions(level, size))
    : zstdZlib.createZstdCompress!(zstdOptions(level))
}

/** RFC 1952: Python writes "unknown"; zlib names the system that it was built for. */
export const gzipUnknownSystem: { readonly bytes: Buffer; readonly offset: number } = {
  bytes: Buffer.from([255]),
  offset: 9,
}

interface ZstdOptions {
  params: Record<number, number>
}

function zstdOptions(level: number): ZstdOptions {
  return { params: { [zstdZlib.constants.ZSTD_c_compressionLevel]: level } }
}

function brotliOptions(level: number, size: number): zlib.BrotliOptions {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  return {
    params: { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_LGWIN]: 22, [BROTLI_PARAM_SIZE_HINT]: size },
  }
}

/**
 * Node's zlib is Chromium's, which misses matches of three bytes: with zlib's own memLevel of 8 it is larger than
 * Python's at level 9. Shorter blocks make up for it, at no cost. Which are best was measured over 9,000 files.
 */
function gzipOptions(level: number, size: number): zlib.ZlibOptions {
  return { level, memLevel: size > 20 * 1024 && size < 100 * 1024 ? 6 : 7 }
}

/** Changes with whatever may change a sibling's bytes, or whether it is kept. */
export function parametersOf({ encodings, levels, maxRatio }: Compression): string {
  const { zlib: gzip, brotli: br, zstd } = process.versions
  const versions: Record<Encoding, string | undefined> = { br, gzip, zstd }
  const parameters = encodings.map(name => `${name} ${levels[name]} ${versions[name]}`)
  return [...parameters, `${maxRatio}`].join(', ')
}

/** What decides about the siblings of a content. */
export type SiblingOptions = Pick<Compression, 'encodings' | 'levels' | 'maxRatio'>

/**
 * The siblings worth keeping: those of at most `maxRatio` of the original's size. As in WhiteNoise an empty file has
 * none, and there is no `.gz` where a `.br` was not worth it.
 */
export async function siblingsOf(
  bytes: Buffer,
  compression: SiblingOptions,
  compress: typeof compressBytes | typeof compressHere = compressBytes,
): Promise<Sibling[]> {
  if (bytes.length === 0) return []
  const { encodings, levels, maxRatio } = compression
  const kept: Sibling[] = []
  let brotliFailed = false
  // One after the other, as a core each is busy with another content.
  for (const encoding of encodings) {
    if (encoding === 'gzip' && brotliFailed) continue
    const compressed = await compress(bytes, encoding, levels[encoding])
    const isWorthIt = compressed.length / bytes.length <= maxRatio
    if (isWorthIt) kept.push({ suffix: SUFFIXES[encoding], bytes: compressed })
    else if (encoding === 'br') brotliFailed = true
  }
  return kept
}
