import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import {
  type Compression,
  siblingsOf as compressAll,
  ENCODINGS,
  type Encoding,
  isCompressible,
  type Sibling,
  SUFFIXES,
  type Suffix,
} from './compress.ts'
import { StaticFilesError } from './errors.ts'
import { type Content, placeLargeSiblings, placeSiblings } from './place-siblings.ts'
import { LARGEST_TEXT } from './source.ts'

/** A content and the files that have it. */
export interface CompressedFile {
  /** MD5 of the bytes, in hex: equal ones are compressed once. `undefined` where it is not known yet. */
  contentHash: string | undefined
  /** The path of a file that has the bytes, the bytes themselves, or a function that makes them. */
  source: string | Buffer | (() => Buffer)
  /** In bytes, where it is known. */
  size?: number | undefined
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

  /**
   * The absolute paths of all that was in the static root before: anything else cannot be stale.
   * @default unknown
   */
  existing?: ReadonlySet<string>

  /**
   * The mode of the siblings.
   * @default what the system gives
   */
  fileMode?: number

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
  /** The sizes in bytes of the siblings of each target that has some. */
  readonly sizes: Map<string, Readonly<Partial<Record<Encoding, number>>>>
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
    existing,
    fileMode,
    onProgress,
    siblingsFor = async (_: string, read: () => Promise<Buffer>) => compressAll(await read(), compression),
  } = options
  const isSibling = (file: string) => Object.values(SUFFIXES).some(suffix => file.endsWith(suffix))
  const isIdle = compression.encodings.length === 0 && existing && ![...existing].some(isSibling)
  const contents = isIdle ? [] : await distinctContents(files, compression)
  const mayExist = (file: string) => existing?.has(file) !== false
  const ownFiles = new Set([...keep, ...files.flatMap(file => file.targets)])
  const report: SiblingReport = { written: 0, removed: 0, originalBytes: 0, savedBytes: 0, sizes: new Map() }
  const siblingsOf = async (content: Content) =>
    content.size === 0 ? [] : siblingsFor(content.contentHash, () => bytesOf(content))
  const totalBytes = contents.reduce((sum, content) => sum + content.size, 0)

  await inLanes(contents, async content => {
    const place = { ownFiles, mayExist, fileMode }
    const isLarge = content.size > LARGEST_TEXT && typeof content.source === 'string'
    const { written, removed, sizes } = isLarge
      ? await placeLargeSiblings(content, compression, place)
      : placeSiblings(content, await siblingsOf(content), place)
    report.written += written
    report.removed += removed
    report.originalBytes += content.size
    report.savedBytes += content.size - Math.min(content.size, ...sizes.values())
    noteSizes(report, content, sizes, ownFiles)
    onProgress?.(report.originalBytes, totalBytes)
  })
  return report
}

/** What a file of its own has the name of is no sibling. */
function noteSizes(
  report: SiblingReport,
  { compressible }: Content,
  sizes: ReadonlyMap<Suffix, number>,
  ownFiles: ReadonlySet<string>,
): void {
  for (const target of compressible) {
    const own = [...sizes].filter(([suffix]) => !ownFiles.has(target + suffix))
    if (own.length > 0)
      report.sizes.set(target, Object.fromEntries(own.map(([suffix, size]) => [ENCODINGS[suffix], size])))
  }
}

async function distinctContents(
  files: readonly CompressedFile[],
  compression: Compression,
): Promise<Content[]> {
  const byHash = new Map<string, Content>()
  for (const { contentHash: known, source, size, targets } of files) {
    const isWanted = targets.some(target => isCompressible(target, compression))
    // What is not compressed needs no hash.
    const contentHash = known ?? (isWanted ? hash('md5', await bytesOf({ source })) : targets[0]!)
    const content: Content = byHash.get(contentHash) ?? {
      contentHash,
      source,
      size: 0,
      compressible: [],
      skipped: [],
    }
    for (const target of new Set(targets)) {
      content[isCompressible(target, compression) ? 'compressible' : 'skipped'].push(target)
    }
    if (isWanted && content.size === 0) content.size = size ?? (await sizeOf(content))
    byHash.set(contentHash, content)
  }
  return [...byHash.values()]
}

async function sizeOf(content: Content): Promise<number> {
  const { source } = content
  if (typeof source === 'function') return source().length
  if (typeof source !== 'string') return source.length
  const { size } = await stat(source).catch(error => Promise.reject(failureOf(content, error)))
  return size
}

async function bytesOf({ source }: Pick<CompressedFile, 'source'>): Promise<Buffer> {
  if (typeof source === 'function') return source()
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
