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

/** Files with the same bytes. */
export interface Content {
  contentHash: string
  /** In bytes; 0 if no target is compressed, because then no file is read. */
  size: number
  compressible: string[]
  skipped: string[]
}

/** Returns the file that is read to compress a content. */
export function fileOf({ compressible }: Pick<Content, 'compressible'>): string {
  return compressible[0]!
}

/** Where siblings may be placed, and how. */
export interface Places {
  /** The files of their own that have the name of a sibling. */
  readonly ownFiles: ReadonlySet<string>
  /** Whether stale siblings may exist. */
  readonly maybeStale: boolean
  readonly mayExist: (file: string) => boolean
  readonly fileMode: number | undefined
}

/** What placing the siblings of a content did. */
export interface Placed {
  /** How many siblings were placed. */
  readonly count: number
  /** How many stale siblings were removed. */
  readonly removed: number
  /** The sizes of the siblings in bytes. */
  readonly sizes: ReadonlyMap<Suffix, number>
}

/** Places siblings synchronously: for short calls the way through the thread pool costs several times as much. */
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

/** Writes each sibling chunk by chunk beside the first target, and links it beside the others. */
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

/** Removes siblings of an earlier run that this run does not produce, and returns how many they were. */
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

/** Gives every path the bytes, as one inode if the file system allows it, and returns how many paths there are. */
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

/** Writes through one descriptor, because each use of a path walks through all its folders again. */
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

/** Removes a file, and tells whether it existed; a folder of that name is left alone. */
function removeFile(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || isFolder(file)) return false
    throw error
  }
}

/** Returns an error that names the file. */
export function siblingsError(
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
