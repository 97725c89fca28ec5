import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { type Encoding, SUFFIXES, type Suffix } from '../../base/encodings.ts'
import { type ZstdOptions, zstdZlib } from '../../base/zstd.ts'
import type { Compression } from '../../options/compression.ts'

/** A compressed form of a file that is worth keeping. */
export interface Sibling {
  suffix: Suffix
  bytes: Buffer
}

/** Compresses bytes. The same bytes give the same result in one version of Node. */
export async function compressBytes(bytes: Buffer, encoding: Encoding, level: number): Promise<Buffer> {
  return fromUnknownSystem(encoding, await compressors[encoding](bytes, level))
}

const compressors: Record<Encoding, (bytes: Buffer, level: number) => Promise<Buffer>> = {
  br: (bytes, level) => brotli(bytes, brotliOptions(level, bytes.length)),
  gzip: (bytes, level) => gzip(bytes, gzipOptions(level, bytes.length)),
  zstd: (bytes, level) => promisify(zstdZlib.zstdCompress!)(bytes, zstdOptions(level)),
}

const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip)

/** Does the same as {@link compressBytes}, in the calling thread. */
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

/** Returns a stream that compresses the same way, for files that are too large for memory. */
export function compressor(encoding: Encoding, level: number, size: number): Transform {
  if (encoding === 'br') return zlib.createBrotliCompress(brotliOptions(level, size))
  return encoding === 'gzip'
    ? zlib.createGzip(gzipOptions(level, size))
    : zstdZlib.createZstdCompress!(zstdOptions(level))
}

/** The byte for the system in RFC 1952: Python writes "unknown", zlib the system that it was built for. */
export const gzipUnknownSystem: { readonly bytes: Buffer; readonly offset: number } = {
  bytes: Buffer.from([255]),
  offset: 9,
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
 * Node's zlib is Chromium's, which misses matches of three bytes: with zlib's own memLevel of 8 its output is larger than
 * Python's at level 9. Shorter blocks make up for it at no cost. Which are best was measured over 9,000 files.
 */
function gzipOptions(level: number, size: number): zlib.ZlibOptions {
  return { level, memLevel: size > 20 * 1024 && size < 100 * 1024 ? 6 : 7 }
}

/** Returns a text that changes with all that may change a sibling's bytes, or whether it is kept. */
export function parametersOf({ encodings, levels, maxRatio }: Compression): string {
  const { zlib: gzip, brotli: br, zstd } = process.versions
  const versions: Record<Encoding, string | undefined> = { br, gzip, zstd }
  const parameters = encodings.map(name => `${name} ${levels[name]} ${versions[name]}`)
  return [...parameters, `${maxRatio}`].join(', ')
}

/** The options that decide about the siblings of a content. */
export type SiblingOptions = Pick<Compression, 'encodings' | 'levels' | 'maxRatio'>

/**
 * Returns the siblings worth keeping: those of at most `maxRatio` of the original's size. As in WhiteNoise an empty file
 * has none, and there is no `.gz` if a `.br` was not worth it.
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
  // One after the other, because each core is busy with another content.
  for (const encoding of encodings) {
    if (encoding === 'gzip' && brotliFailed) continue
    const compressed = await compress(bytes, encoding, levels[encoding])
    const isWorthIt = compressed.length / bytes.length <= maxRatio
    if (isWorthIt) kept.push({ suffix: SUFFIXES[encoding], bytes: compressed })
    else if (encoding === 'br') brotliFailed = true
  }
  return kept
}
