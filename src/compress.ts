import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { StaticFilesError } from './errors.ts'
import type { CompressOptions } from './options.ts'

/** A content coding, as `Content-Encoding` names it. */
export type Encoding = 'br' | 'gzip' | 'zstd'

/** What a sibling's name adds to the name of its file. */
export type Suffix = '.br' | '.gz' | '.zst'

/** A compressed form of a file that is worth keeping. */
export interface Sibling {
  suffix: Suffix
  bytes: Buffer
}

/** Which siblings are written, and for which files: {@link CompressOptions} with its defaults. */
export interface Compression {
  /** None of them where nothing is to be compressed. */
  encodings: readonly Encoding[]
  /** Extensions without the dot, in lower case. */
  skip: ReadonlySet<string>
  /** The largest size of a sibling that is kept, as a share of the original's size. */
  maxRatio: number
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

/** The suffix of each encoding's siblings. */
export const SUFFIXES: Record<Encoding, Suffix> = { br: '.br', gzip: '.gz', zstd: '.zst' }

/** The part of Node's zlib that Node 20 and its types lack. */
interface ZstdZlib {
  zstdCompress?: (
    bytes: Buffer,
    options: { params: Record<number, number> },
    done: (error: Error | null, result: Buffer) => void,
  ) => void
  constants: { ZSTD_c_compressionLevel: number }
}
const zstdZlib = zlib as unknown as ZstdZlib

/**
 * Fills in the defaults.
 * @throws StaticFilesError that names everything wrong at once
 */
export function resolveCompress(options: false | CompressOptions | undefined): Compression {
  const { gzip, brotli, zstd, skip, maxRatio } = options || {}
  const wanted: Record<Encoding, boolean> = { br: brotli ?? true, gzip: gzip ?? true, zstd: zstd ?? false }
  const compression: Compression = {
    encodings: options === false ? [] : (['br', 'gzip', 'zstd'] as const).filter(name => wanted[name]),
    skip: new Set(
      (skip ?? SKIP_EXTENSIONS).map(extension => String(extension).replace(/^\./, '').toLowerCase()),
    ),
    maxRatio: maxRatio ?? 0.95,
  }
  const problems = problemsOf(compression)
  if (problems.length > 0) throw new StaticFilesError(problems.join('\n'))
  return compression
}

function problemsOf({ encodings, skip, maxRatio }: Compression): string[] {
  const problems = [...skip]
    .filter(extension => !/^[^./\\*\s][^/\\*]*$/.test(extension))
    .map(extension => `compress.skip takes extensions such as 'png', not ${JSON.stringify(extension)}`)
  if (!(typeof maxRatio === 'number' && maxRatio > 0 && maxRatio <= 1))
    problems.push(`compress.maxRatio must be above 0 and at most 1, not ${JSON.stringify(maxRatio)}`)
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

/** Compresses as small as the encoding allows; the same bytes give the same result in one version of Node. */
export async function compressBytes(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  return compressors[encoding](bytes)
}

const compressors: Record<Encoding, (bytes: Buffer) => Promise<Buffer>> = {
  br: bytes =>
    promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)(bytes, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
        [zlib.constants.BROTLI_PARAM_LGWIN]: 22,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),

  // Node's zlib is Chromium's, which misses matches of three bytes: alone it is up to 0.5 % larger than Python's at
  // level 9. Shorter blocks (a lower memLevel) make up for it in most files, and cost little next to brotli.
  gzip: async bytes => {
    const deflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)
    const attempts = await Promise.all([8, 7, 6].map(memLevel => deflate(bytes, { level: 9, memLevel })))
    const smallest = attempts.reduce((best, each) => (each.length < best.length ? each : best))
    // RFC 1952, OS: "unknown", as Python writes it; zlib names the system that it was built for.
    smallest[9] = 255
    return smallest
  },

  // Level 19 has a window of at most 8 MiB: HTTP clients may refuse a larger one (RFC 9659).
  zstd: bytes =>
    promisify(zstdZlib.zstdCompress!)(bytes, {
      params: { [zstdZlib.constants.ZSTD_c_compressionLevel]: 19 },
    }),
}

/**
 * The siblings worth keeping: those of at most `maxRatio` of the original's size. As in WhiteNoise an empty file has
 * none, and no `.gz` is kept where a `.br` was tried and was not worth it.
 */
export async function siblingsOf(bytes: Buffer, compression: Compression): Promise<Sibling[]> {
  if (bytes.length === 0) return []
  const { encodings, maxRatio } = compression
  const siblings = await Promise.all(
    encodings.map(async name => ({ suffix: SUFFIXES[name], bytes: await compressBytes(bytes, name) })),
  )
  const kept = siblings.filter(sibling => sibling.bytes.length / bytes.length <= maxRatio)
  const brotliFailed = encodings.includes('br') && !kept.some(sibling => sibling.suffix === '.br')
  return brotliFailed ? kept.filter(sibling => sibling.suffix !== '.gz') : kept
}
