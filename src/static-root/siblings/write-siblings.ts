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
  failureOf,
  fileOf,
  type Placed,
  type Places,
  placeLargeSiblings,
  placeSiblings,
} from './place.ts'

/** A content and the files that have it. */
export interface CompressedFile {
  /** MD5 of the bytes, in hex: equal ones are compressed once. `undefined` if it is not known yet. */
  contentHash: string | undefined
  /** In bytes, if it is known. */
  size?: number | undefined
  /**
   * Paths of files that have been written with these bytes: their siblings come beside them, with their modification
   * time. The first to be compressed is read.
   */
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
   * Places what is known already, before anything is compressed; answers `undefined` for each content whose siblings
   * are not known.
   * @default nothing is known
   */
  placeCached?: (contents: readonly Content[], places: Places) => Promise<readonly (Placed | undefined)[]>

  /**
   * Answers the siblings of a content that is not known; a cache can keep them.
   * @default siblingsOf(await read(), compression)
   */
  siblingsFor?: (contentHash: string, read: () => Promise<Buffer>) => Promise<readonly Sibling[]>
}

/** What {@link writeSiblings} did. */
export interface SiblingReport {
  /** Siblings now in place, the linked ones included. */
  count: number
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

/** Brotli takes several times a file's size in memory, up to a limit of about this order. */
const HUGE_BYTES = 16 * 1024 * 1024

/**
 * Works on two contents per core at once, so that reading and writing leave no processor idle. The largest come first:
 * a large one at the end would leave the other cores idle.
 */
async function forEachContent(
  contents: readonly Content[],
  work: (content: Content) => Promise<void>,
): Promise<void> {
  await mapConcurrently(
    contents.toSorted((a, b) => b.size - a.size),
    2 * availableParallelism(),
    content => work(content).catch(error => Promise.reject(failureOf(content, error))),
    ({ size }) => size >= HUGE_BYTES,
  )
}

function siblingNames(files: Iterable<string>): string[] {
  return [...files].filter(file => originalOf(file) !== undefined)
}

/** Adds what was done for a content. */
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
    // What a file of its own has the name of is no sibling.
    const own = [...sizes].filter(([suffix]) => !ownFiles.has(target + suffix))
    if (own.length > 0)
      report.sizes.set(target, Object.fromEntries(own.map(([suffix, bytes]) => [ENCODINGS[suffix], bytes])))
  }
}

/**
 * Files of the same bytes together, and the targets that have the name of a sibling. Where nothing can be stale, contents that
 * get no sibling are left out.
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
    // What is not compressed needs no hash.
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
  const { size } = await stat(fileOf(content)).catch(error => Promise.reject(failureOf(content, error)))
  return size
}
