import { readlinkSync, type Stats, statSync } from 'node:fs'
import { lstatOf } from '../base/files/stat.ts'
import type { IndexBefore } from './index/index-file.ts'
import type { FileToWrite, OutputFile, WriteOptions } from './output-file.ts'

/** What the build before left under names that carry no hash. */
export interface EarlierBuild {
  /** The names below the static root whose files had the bytes that they are to have now. */
  readonly names: ReadonlySet<string>
  /** When it ended, in milliseconds since 1970: what is newer is somebody else's, or a build's that broke off. */
  readonly endedAt: number
}

const NONE: EarlierBuild = { names: new Set(), endedAt: 0 }

/** By the index that it wrote last; nothing where there is none. */
export function earlierBuild(before: IndexBefore, files: readonly OutputFile[]): EarlierBuild {
  const hashes = new Map(files.filter(({ hashed }) => !hashed).map(({ names, hash }) => [names[0], hash]))
  const index = hashes.size > 0 && before()
  if (!index) return NONE
  const names = new Set<string>()
  for (const [hash, , found] of index.rows)
    for (const name of found) if (hashes.get(name) === hash) names.add(name)
  return { names, endedAt: index.writtenAt }
}

/**
 * What is known of a file where an earlier run wrote it, in the same link mode. What is linked to another source, or
 * to a source that is to be copied now, does not have the bytes for good.
 */
export function writtenFile(
  target: string,
  { file, isNew, writtenBefore }: FileToWrite,
  { link: kind }: WriteOptions,
): Stats | undefined {
  if (isNew || !(file.hashed || writtenBefore !== undefined)) return undefined
  const found = lstatOf(target)
  if (!found || !isWritten(target, found, file, kind)) return undefined
  // The time that nobody can set.
  return file.hashed || found.ctimeMs <= writtenBefore! ? found : undefined
}

function isWritten(target: string, found: Stats, file: OutputFile, kind: WriteOptions['link']): boolean {
  const isCopy = found.isFile() && found.size === file.size
  if (typeof file.content !== 'string') return isCopy
  if (kind === 'symbolic') return found.isSymbolicLink() && readlinkSync(target) === file.content
  return isCopy && (kind === 'hard') === sameInode(found, statSync(file.content, { throwIfNoEntry: false }))
}

/** A symbolic link to a file is another one. */
export function sameInode(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}
