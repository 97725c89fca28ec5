import { readlinkSync, type Stats, statSync } from 'node:fs'
import { lstatOf } from '../base/files/stat.ts'
import type { EarlierIndex } from './index/index-file.ts'
import type { FileToWrite, OutputFile, WriteOptions } from './output-file.ts'

/** What the previous build left under names that carry no hash. */
export interface EarlierBuild {
  /** The names below the static root whose files had the bytes that they are to have now. */
  readonly names: ReadonlySet<string>
  /** When it ended, in milliseconds since 1970. Newer files are somebody else's, or a build left them that broke off. */
  readonly endedAt: number
}

const NONE: EarlierBuild = { names: new Set(), endedAt: 0 }

/** Reads from its index what the previous build left; nothing if there is no index. */
export function earlierBuild(earlierIndex: EarlierIndex, files: readonly OutputFile[]): EarlierBuild {
  const hashes = new Map(files.filter(({ hashed }) => !hashed).map(({ names, hash }) => [names[0], hash]))
  const index = hashes.size > 0 && earlierIndex()
  if (!index) return NONE
  const names = new Set<string>()
  for (const [hash, , found] of index.rows)
    for (const name of found) if (hashes.get(name) === hash) names.add(name)
  return { names, endedAt: index.writtenAt }
}

/**
 * Looks at a file that an earlier build wrote, and returns its stat if it is still right and was written in the same
 * link mode. A link to another source, or one where a copy belongs now, may get other bytes later.
 */
export function unchangedFile(
  target: string,
  { file, isNew, unchangedSince }: FileToWrite,
  { link: kind }: WriteOptions,
): Stats | undefined {
  if (isNew || !(file.hashed || unchangedSince !== undefined)) return undefined
  const found = lstatOf(target)
  if (!found || !isWritten(target, found, file, kind)) return undefined
  // Nobody can set this time.
  return file.hashed || found.ctimeMs <= unchangedSince! ? found : undefined
}

function isWritten(target: string, found: Stats, file: OutputFile, kind: WriteOptions['link']): boolean {
  const isCopy = found.isFile() && found.size === file.size
  if (file.rewritten) return isCopy
  if (kind === 'symbolic') return found.isSymbolicLink() && readlinkSync(target) === file.source
  return isCopy && (kind === 'hard') === sameInode(found, statSync(file.source, { throwIfNoEntry: false }))
}

/** Tells whether two paths are one file. A symlink and its target are two. */
export function sameInode(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}
