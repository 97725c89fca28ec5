import { readFile, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { mapConcurrently } from '../../base/concurrency.ts'
import { ENCODINGS, type Encoding, originalOf } from '../../base/encodings.ts'
import { hashFile } from '../../base/files/hash-file.ts'
import { LARGEST_TEXT } from '../../base/files/source.ts'
import type { Compression } from '../../options/compression.ts'
import { siblingsOf as compressAll, type Sibling } from './compress.ts'
import { isCompressible } from './compressible.ts'
import {
  type Content,
  fileOf,
  type Placed,
  type Places,
  placeLargeSiblings,
  placeSiblings,
  siblingsError,
} from './place.ts'

/** A content and the files that have it. */
export interface CompressedFile {
  /** MD5 of the bytes, in hex; equal contents are compressed once. `undefined` if it was not computed yet. */
  contentHash: string | undefined
  /** In bytes; `undefined` if nobody has looked yet. */
  size?: number | undefined
  /**
   * The paths of files that have been written with these bytes. Their siblings are placed beside them, with their
   * modification time. The first one that is compressed is read.
   */
  targets: readonly string[]
}

/** Options of {@link writeSiblings}. */
export interface WriteSiblingsOptions {
  /**
   * The paths of files of their own (a package ships `x.js.gz` beside `x.js`), which are never overwritten or removed.
   * All `targets` are such files anyway. A sibling's path must equal one letter by letter.
   * @default none
   */
  keep?: ReadonlySet<string>

  /**
   * The absolute paths of all that was in the static root before; only these can be stale.
   * @default unknown
   */
  existing?: ReadonlySet<string>

  /**
   * The mode of the siblings.
   * @default what the system gives
   */
  fileMode?: number

  /** Called after each content with bytes of the originals: the time of compressing is in proportion to them. */
  onProgress?: (doneBytes: number, totalBytes: number) => void

  /**
   * Places cached siblings before anything is compressed; returns `undefined` for each content whose siblings are not
   * cached.
   * @default nothing is cached
   */
  placeCached?: (contents: readonly Content[], places: Places) => Promise<readonly (Placed | undefined)[]>

  /**
   * Returns the siblings of a content that is not cached; a cache can keep them.
   * @default siblingsOf(await read(), compression)
   */
  siblingsFor?: (contentHash: string, read: () => Promise<Buffer>) => Promise<readonly Sibling[]>
}

/** What {@link writeSiblings} did. */
export interface SiblingReport {
  /** How many siblings are in place now, linked ones included. */
  count: number
  /** How many siblings of an earlier run were removed. */
  removed: number
  /** The bytes of the originals: each distinct content counts once, and skipped file types do not count. */
  originalBytes: number
  /** How many of these bytes a client saves that always gets the smallest sibling of a file. */
  savedBytes: number
  /** The sizes in bytes of siblings, by target. */
  readonly sizes: Map<string, Readonly<Partial<Record<Encoding, number>>>>
}

/**
 * Writes the siblings of files. Each distinct content is compressed once; its siblings are written beside the first target
 * and hard-linked beside the others. Removes siblings that an earlier run left and this run does not produce.
 * @throws StaticFilesError at the first file that fails; running ones finish, and no temporary file stays
 */
export async function writeSiblings(
  files: Iterable<CompressedFile>,
  compression: Compression,
  options: WriteSiblingsOptions = {},
): Promise<SiblingReport> {
  const {
    keep = new Set<string>(),
    existing,
    fileMode,
    onProgress,
    placeCached = async () => [],
    siblingsFor = async (_: string, read: () => Promise<Buffer>) => compressAll(await read(), compression),
  } = options
  const report: SiblingReport = { count: 0, removed: 0, originalBytes: 0, savedBytes: 0, sizes: new Map() }
  const maybeStale = existing === undefined || [...existing].some(file => originalOf(file) !== undefined)
  if (compression.encodings.length === 0 && !maybeStale) return report
  const { contents, ownTargets } = await distinctContents(files, compression, maybeStale)
  const mayExist = (file: string) => existing?.has(file) !== false
  const ownFiles = new Set([...siblingNames(keep), ...ownTargets])
  const siblingsOf = async (content: Content) =>
    content.size === 0 ? [] : siblingsFor(content.contentHash, () => readFile(fileOf(content)))
  const totalBytes = contents.reduce((sum, content) => sum + content.size, 0)

  const places = { ownFiles, maybeStale, mayExist, fileMode }
  const note = (content: Content, placed: Placed) => {
    addTo(report, content, placed, ownFiles)
    onProgress?.(report.originalBytes, totalBytes)
  }
  const cached = await placeCached(contents, places)
  const remaining = contents.filter((content, index) => {
    const placed = cached[index]
    if (placed) note(content, placed)
    return placed === undefined
  })
  await forEachContent(remaining, async content => {
    const placed =
      content.size > LARGEST_TEXT
        ? await placeLargeSiblings(content, compression, places)
        : placeSiblings(content, await siblingsOf(content), places)
    note(content, placed)
  })
  return report
}

/** Brotli needs several times a file's size in memory, up to a limit of about this order. */
const HUGE_BYTES = 16 * 1024 * 1024

/**
 * Works on two contents per core at once, so that reading and writing leave no core idle. The largest come first, because
 * a large one at the end would leave the other cores idle.
 */
async function forEachContent(
  contents: readonly Content[],
  work: (content: Content) => Promise<void>,
): Promise<void> {
  await mapConcurrently(
    contents.toSorted((a, b) => b.size - a.size),
    2 * availableParallelism(),
    content => work(content).catch(error => Promise.reject(siblingsError(content, error))),
    ({ size }) => size >= HUGE_BYTES,
  )
}

function siblingNames(files: Iterable<string>): string[] {
  return [...files].filter(file => originalOf(file) !== undefined)
}

/** Adds to the report what was done for a content. */
function addTo(
  report: SiblingReport,
  { size, compressible }: Content,
  { count, removed, sizes }: Placed,
  ownFiles: ReadonlySet<string>,
): void {
  report.count += count
  report.removed += removed
  report.originalBytes += size
  report.savedBytes += size - Math.min(size, ...sizes.values())
  for (const target of compressible) {
    // A file of its own with the name of a sibling is not a sibling.
    const own = [...sizes].filter(([suffix]) => !ownFiles.has(target + suffix))
    if (own.length > 0)
      report.sizes.set(target, Object.fromEntries(own.map(([suffix, bytes]) => [ENCODINGS[suffix], bytes])))
  }
}

/**
 * Groups files by content, and lists the targets that have the name of a sibling. If nothing can be stale, contents
 * without siblings are left out.
 */
async function distinctContents(
  files: Iterable<CompressedFile>,
  compression: Compression,
  maybeStale: boolean,
): Promise<{ contents: Content[]; ownTargets: string[] }> {
  const byHash = new Map<string, Content>()
  const ownTargets: string[] = []
  for (const { contentHash: hash, size, targets } of files) {
    ownTargets.push(...siblingNames(targets))
    const isCompressed = targets.some(target => isCompressible(target, compression))
    if (!isCompressed && !maybeStale) continue
    // A file that is not compressed needs no hash.
    const contentHash = hash ?? (isCompressed ? hashFile(targets[0]!) : targets[0]!)
    const empty: Content = { contentHash, size: 0, compressible: [], skipped: [] }
    const content = byHash.get(contentHash) ?? empty
    for (const target of new Set(targets)) {
      content[isCompressible(target, compression) ? 'compressible' : 'skipped'].push(target)
    }
    if (isCompressed && content.size === 0) content.size = size ?? (await sizeOf(content))
    byHash.set(contentHash, content)
  }
  return { contents: [...byHash.values()], ownTargets }
}

async function sizeOf(content: Content): Promise<number> {
  const { size } = await stat(fileOf(content)).catch(error => Promise.reject(siblingsError(content, error)))
  return size
}
