import { copyFile, link, lstat, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { StaticFilesError } from './errors.ts'
import type { CompressOptions } from './options.ts'
import { replaceFile } from './replace-file.ts'

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

const SUFFIXES: Record<Encoding, Suffix> = { br: '.br', gzip: '.gz', zstd: '.zst' }

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

/** A content and the files that have it. */
export interface CompressedFile {
  /** Files of one hash have the same bytes: they are compressed once. */
  contentHash: string
  /** The bytes, or the path of a file that has them. */
  source: string | Buffer
  /** Paths of files that have been written: their siblings come beside them, with their modification time. */
  targets: readonly string[]
}

/** What {@link writeSiblings} can be given besides files. */
export interface WriteSiblingsOptions {
  /**
   * Paths of files of their own (a package ships `x.js.gz` beside `x.js`): never overwritten and never removed.
   * All `targets` are, without being named here. Compared with targets plus suffix, letter by letter.
   * @default none
   */
  keep?: ReadonlySet<string>

  /** Called after each content, in bytes of the originals: compressing takes time in proportion to them. */
  onProgress?: (doneBytes: number, totalBytes: number) => void

  /**
   * Answers the siblings of a content: a cache stands here, and calls `read` only for a content that it lacks.
   * @default siblingsOf(await read(), compression)
   */
  siblingsFor?: (contentHash: string, read: () => Promise<Buffer>) => Promise<readonly Sibling[]>
}

/** What {@link writeSiblings} did. */
export interface SiblingReport {
  /** Siblings now in place, the linked ones included. */
  written: number
  /** Siblings of an earlier run that were removed. */
  removed: number
  /** Bytes of the originals, each distinct content counted once; skipped file types are left out. */
  originalBytes: number
  /** Of those, the bytes that a client saves who always gets the smallest of a file's siblings. */
  savedBytes: number
}

/**
 * Writes the siblings of files, each distinct content compressed once, beside its first target and hard-linked beside
 * the others. Siblings that an earlier run left and this one does not produce are removed.
 * @throws StaticFilesError at the first file that fails; the others under way are finished, and no temporary file stays
 */
export async function writeSiblings(
  files: readonly CompressedFile[],
  compression: Compression,
  options: WriteSiblingsOptions = {},
): Promise<SiblingReport> {
  const {
    keep = new Set<string>(),
    onProgress,
    siblingsFor = async (_: string, read: () => Promise<Buffer>) => siblingsOf(await read(), compression),
  } = options
  const contents = await distinctContents(files, compression)
  const ownFiles = new Set([...keep, ...files.flatMap(file => file.targets)])
  const report: SiblingReport = { written: 0, removed: 0, originalBytes: 0, savedBytes: 0 }
  const totalBytes = contents.reduce((sum, content) => sum + content.size, 0)

  await inLanes(contents, async content => {
    const siblings = content.size === 0 ? [] : await siblingsFor(content.contentHash, () => bytesOf(content))
    const { written, removed } = await placeSiblings(content, siblings, ownFiles)
    report.written += written
    report.removed += removed
    report.originalBytes += content.size
    report.savedBytes +=
      content.size - Math.min(content.size, ...siblings.map(sibling => sibling.bytes.length))
    onProgress?.(report.originalBytes, totalBytes)
  })
  return report
}

interface Content {
  contentHash: string
  source: string | Buffer
  /** In bytes; 0 where no target is to be compressed, which needs no reading. */
  size: number
  compressible: string[]
  skipped: string[]
}

async function distinctContents(
  files: readonly CompressedFile[],
  compression: Compression,
): Promise<Content[]> {
  const byHash = new Map<string, { source: string | Buffer; targets: Set<string> }>()
  for (const { contentHash, source, targets } of files) {
    const content = byHash.get(contentHash) ?? { source, targets: new Set() }
    for (const target of targets) content.targets.add(target)
    byHash.set(contentHash, content)
  }
  return Promise.all(
    [...byHash].map(async ([contentHash, { source, targets }]) => {
      const compressible = [...targets].filter(target => isCompressible(target, compression))
      const skipped = [...targets].filter(target => !isCompressible(target, compression))
      const content = { contentHash, source, size: 0, compressible, skipped }
      return compressible.length > 0 ? { ...content, size: await sizeOf(content) } : content
    }),
  )
}

async function sizeOf(content: Content): Promise<number> {
  const { source } = content
  if (typeof source !== 'string') return source.length
  const { size } = await stat(source).catch(error => Promise.reject(failureOf(content, error)))
  return size
}

async function bytesOf({ source }: Content): Promise<Buffer> {
  return typeof source === 'string' ? readFile(source) : source
}

/** Brotli takes several times a file's size in memory, up to a limit of about this order. */
const HUGE_BYTES = 16 * 1024 * 1024

/**
 * Runs `work` on all contents, on two per core at once, so that reading and writing fill no pause of the
 * processors; of the huge ones on one at once, so that memory is bounded. The largest come first: a large one
 * at the end would leave the other cores idle.
 */
async function inLanes(
  contents: readonly Content[],
  work: (content: Content) => Promise<void>,
): Promise<void> {
  const ascending = contents.toSorted((a, b) => a.size - b.size)
  const huge = ascending.filter(content => content.size >= HUGE_BYTES)
  const rest = ascending.filter(content => content.size < HUGE_BYTES)
  const failures: unknown[] = []

  async function drain(queue: Content[]): Promise<void> {
    while (queue.length > 0 && failures.length === 0) {
      const content = queue.pop()!
      await work(content).catch(error => failures.push(failureOf(content, error)))
    }
  }
  async function lane(_: unknown, index: number): Promise<void> {
    if (index === 0) await drain(huge)
    await drain(rest)
  }
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, lane))
  if (failures.length > 0) throw failures[0]
}

function failureOf({ compressible, skipped }: Content, cause: unknown): StaticFilesError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const file = compressible[0] ?? skipped[0]
  return new StaticFilesError(
    `cannot write the compressed siblings of ${file}: ${reason}. ` +
      'Check that the file exists, its folder can be written and its disk has room, then build again',
    { cause },
  )
}

async function placeSiblings(
  { compressible, skipped }: Content,
  siblings: readonly Sibling[],
  ownFiles: ReadonlySet<string>,
): Promise<{ written: number; removed: number }> {
  let written = 0
  let removed = 0
  for (const suffix of Object.values(SUFFIXES)) {
    const beside = (targets: string[]) =>
      targets.map(target => target + suffix).filter(file => !ownFiles.has(file))
    const sibling = siblings.find(each => each.suffix === suffix)
    if (sibling)
      written += await placeSibling(sibling.bytes, beside(compressible), (await stat(compressible[0]!)).mtime)
    const stale = beside(sibling ? skipped : [...compressible, ...skipped])
    removed += (await Promise.all(stale.map(removeFile))).filter(Boolean).length
  }
  return { written, removed }
}

/** Gives every path the bytes, as one inode where the file system can; answers how many there are. */
async function placeSibling(bytes: Buffer, paths: readonly string[], modified: Date): Promise<number> {
  const [first, ...others] = paths
  if (first === undefined) return 0
  await replaceFile(first, async temporary => {
    await writeFile(temporary, bytes, { flag: 'wx' })
    await utimes(temporary, modified, modified)
  })
  for (const other of others) await replaceFile(other, temporary => linkOrCopy(first, temporary, modified))
  return paths.length
}

async function linkOrCopy(existing: string, created: string, modified: Date): Promise<void> {
  try {
    await link(existing, created)
  } catch {
    await copyFile(existing, created)
    await utimes(created, modified, modified)
  }
}

/** Whether there was a file to remove; a folder of that name is left alone. */
async function removeFile(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (await lstat(file)).isDirectory()) return false
    throw error
  }
}
