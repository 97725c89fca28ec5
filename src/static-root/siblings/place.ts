import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  openSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { SUFFIXES, type Suffix } from '../../base/encodings.ts'
import { StaticFilesError } from '../../base/errors.ts'
import { placeFile, replaceFileSync } from '../../base/files/replace-file.ts'
import { giveMode, isFolder } from '../../base/files/stat.ts'
import type { Compression } from '../../options/compression.ts'
import type { Sibling } from './compress.ts'
import { writeLargeSiblings } from './large.ts'

/** Files of the same bytes. */
export interface Content {
  contentHash: string
  /** In bytes; 0 where no target is to be compressed, which needs no reading. */
  size: number
  compressible: string[]
  skipped: string[]
}

/** The file that is read to compress a content. */
export function fileOf({ compressible }: Pick<Content, 'compressible'>): string {
  return compressible[0]!
}

/** Where siblings may come, and how. */
export interface Places {
  /** Files of their own that have the name of a sibling. */
  readonly ownFiles: ReadonlySet<string>
  /** Whether any sibling may be there already. */
  readonly maybeStale: boolean
  readonly mayExist: (file: string) => boolean
  readonly fileMode: number | undefined
}

/** What placing did. */
export interface Placed {
  readonly count: number
  readonly removed: number
  /** In bytes. */
  readonly sizes: ReadonlyMap<Suffix, number>
}

/** What is short is called synchronously: a detour over the thread pool costs several times as much. */
export function placeSiblings(content: Content, siblings: readonly Sibling[], places: Places): Placed {
  const [first] = content.compressible
  const modified = first === undefined || siblings.length === 0 ? undefined : statSync(first).mtime
  let count = 0
  for (const { suffix, bytes } of siblings) {
    const paths = besideOf(content.compressible, suffix, places)
    if (modified) count += placeSibling(bytes, paths, modified, places)
  }
  const removed = removeStale(content, new Set(siblings.map(({ suffix }) => suffix)), places)
  return { count, removed, sizes: new Map(siblings.map(({ suffix, bytes }) => [suffix, bytes.length])) }
}

/** Beside its first target the sibling is written piece by piece, beside the others it is linked. */
export async function placeLargeSiblings(
  content: Content,
  compression: Compression,
  places: Places,
): Promise<Placed> {
  const { compressible } = content
  const beside = (suffix: Suffix) => besideOf(compressible, suffix, places)
  const kept = await writeLargeSiblings(fileOf(content), compression, suffix => beside(suffix)[0])
  let count = 0
  for (const suffix of kept.keys()) {
    const [first, ...others] = beside(suffix)
    const { mtime } = statSync(fileOf(content))
    utimesSync(first!, mtime, mtime)
    if (places.fileMode !== undefined) giveMode(first!, places.fileMode)
    for (const other of others) replaceFileSync(other, file => linkOrCopy(first!, file, mtime))
    count += 1 + others.length
  }
  const removed = removeStale(content, new Set(kept.keys()), places)
  return { count, removed, sizes: kept }
}

function besideOf(targets: readonly string[], suffix: Suffix, { ownFiles }: Places): string[] {
  return targets.map(target => target + suffix).filter(file => !ownFiles.has(file))
}

/** Siblings of an earlier run that this one does not produce; answers how many there were. */
function removeStale(
  { compressible, skipped }: Pick<Content, 'compressible' | 'skipped'>,
  kept: ReadonlySet<Suffix>,
  places: Places,
): number {
  if (!places.maybeStale) return 0
  let removed = 0
  for (const suffix of Object.values(SUFFIXES)) {
    const stale = besideOf(kept.has(suffix) ? skipped : [...compressible, ...skipped], suffix, places)
    removed += stale.filter(places.mayExist).map(removeFile).filter(Boolean).length
  }
  return removed
}

/** Gives every path the bytes, as one inode where the file system can; answers how many there are. */
function placeSibling(
  bytes: Buffer,
  paths: readonly string[],
  modified: Date,
  { mayExist, fileMode }: Places,
): number {
  const [first, ...others] = paths
  if (first === undefined) return 0
  placeFile(first, !mayExist(first), file => writeSibling(file, bytes, modified, fileMode))
  for (const other of others) placeFile(other, !mayExist(other), file => linkOrCopy(first, file, modified))
  return paths.length
}

/** By its descriptor: each path is a way through all folders again. */
function writeSibling(file: string, bytes: Buffer, modified: Date, mode: number | undefined): void {
  const descriptor = openSync(file, 'wx')
  try {
    writeFileSync(descriptor, bytes)
    futimesSync(descriptor, modified, modified)
    if (mode !== undefined && (fstatSync(descriptor).mode & 0o7777) !== mode) fchmodSync(descriptor, mode)
  } finally {
    closeSync(descriptor)
  }
}

function linkOrCopy(existing: string, created: string, modified: Date): void {
  try {
    linkSync(existing, created)
  } catch {
    copyFileSync(existing, created, constants.COPYFILE_EXCL)
    utimesSync(created, modified, modified)
  }
}

/** Whether there was a file to remove; a folder of that name is left alone. */
function removeFile(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || isFolder(file)) return false
    throw error
  }
}

/** An error that names the file. */
export function failureOf(
  { compressible, skipped }: Pick<Content, 'compressible' | 'skipped'>,
  cause: unknown,
): StaticFilesError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const file = compressible[0] ?? skipped[0]
  return new StaticFilesError(
    `cannot write the compressed siblings of ${file}: ${reason}. ` +
      'Check that the file exists, its folder can be written and its disk has room, then build again',
    { cause },
  )
}
