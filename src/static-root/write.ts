import {
  constants,
  copyFileSync,
  linkSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { makeFolder } from '../base/files/make-folder.ts'
import { pathsIn } from '../base/files/paths.ts'
import { placeFile } from '../base/files/replace-file.ts'
import { changedError, fingerprintOf } from '../base/files/source.ts'
import { giveMode, isFolder, lstatOf } from '../base/files/stat.ts'
import { share } from '../base/share.ts'
import { defineJob, type Job } from '../base/threads.ts'
import { bytesOf } from '../hash/render.ts'
import { type EarlierBuild, sameInode, unchangedFile } from './earlier-build.ts'
import type { FileToWrite, OutputFile, WriteOptions } from './output-file.ts'

/** What is already in the static root. */
export interface Existing {
  /**
   * The absolute paths of all that is in it: anything else is written without a look.
   * @default unknown
   */
  readonly existing?: ReadonlySet<string>
  /**
   * What the previous build left.
   * @default unknown
   */
  readonly earlier?: EarlierBuild
}

/**
 * Writes files below the static root. A file that replaces another appears when it is complete, so that whoever reads
 * the folder meanwhile, or after a crash, sees the old file or the new one.
 * @throws StaticFilesError if a file cannot be written, or if its source has changed since it was hashed
 */
export async function writeFiles(
  files: readonly OutputFile[],
  { existing, earlier, staticRoot, link, fileMode, folderMode }: WriteOptions & Existing,
): Promise<void> {
  const options = { staticRoot, link, fileMode, folderMode }
  const folders = new Set(files.flatMap(file => file.names.map(name => path.posix.dirname(name))))
  for (const folder of folders) makeFolder(path.join(staticRoot, folder), folderMode)
  const target = pathsIn(staticRoot)
  const isNew = (name: string) => existing?.has(target(name)) === false
  const send = (file: OutputFile): FileToWrite => ({
    file,
    isNew: file.names.every(isNew),
    unchangedSince: !file.hashed && earlier?.names.has(file.names[0]!) ? earlier.endedAt : undefined,
  })
  // This thread writes what it has in memory.
  const own = files.filter(isInMemory)
  const items = files.filter(file => !isInMemory(file))
  await share(writeJob, items, options, { send, own })
}

function isInMemory({ rewritten }: OutputFile): boolean {
  return rewritten?.bytes !== undefined
}

/** Writes one file in any thread. */
export const writeJob: Job<FileToWrite, WriteOptions, void> = defineJob('write', writeOne)

/** Calls the file system synchronously: for short calls the way through the thread pool costs several times as much. */
function writeOne(item: FileToWrite, options: WriteOptions): void {
  const { file } = item
  const [first, ...others] = file.names.map(pathsIn(options.staticRoot))
  if (first === undefined) return
  const unchanged = unchangedFile(first, item, options)
  if (!unchanged) place(first, item, target => create(target, file, options))
  else if (!options.link) giveMode(first, options.fileMode, unchanged)
  for (const other of others) placeSame(other, first, unchanged, item, options)
}

/** Places a file; if it cannot be written, the error says what to do. */
function place(target: string, { isNew }: FileToWrite, createAt: (target: string) => void): void {
  try {
    placeFile(target, isNew, createAt)
  } catch (cause) {
    if (cause instanceof StaticFilesError) throw cause
    const reason = isFolder(target) ? 'it is a folder; remove it' : (cause as Error).message
    throw new StaticFilesError(`cannot write ${target}: ${reason}`, { cause })
  }
}

/** Creates a file by a write, a link or a copy; fails if it exists. */
function create(target: string, { source, rewritten, fingerprint }: OutputFile, options: WriteOptions): void {
  const { link: kind, fileMode } = options
  if (rewritten) {
    writeFileSync(target, bytesOf(rewritten), { flag: 'wx' })
    giveMode(target, fileMode)
  } else if (kind === 'symbolic') symlinkSync(source, target)
  else copy(source, target, fingerprint, options)
}

/** Copies or hard-links a source, which must be what was hashed. */
function copy(
  source: string,
  target: string,
  fingerprint: string | undefined,
  { link: kind, fileMode }: WriteOptions,
): void {
  // A hard link to a symlink would be a symlink that starts elsewhere.
  const isLink = kind === 'hard' && linked(realpathSync(source), target)
  if (!isLink) copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  const stats = statSync(source)
  if (fingerprint !== undefined && fingerprint !== fingerprintOf(stats)) throw changedError(source)
  // A copy has the mode of its source.
  if (!isLink) giveMode(target, fileMode, stats)
}

/**
 * Gives the bytes of `first` another name: one inode if the file system allows it.
 * @param unchanged the stat of `first` if an earlier build wrote it
 */
function placeSame(
  target: string,
  first: string,
  unchanged: Stats | undefined,
  item: FileToWrite,
  options: WriteOptions,
): void {
  const { file, isNew } = item
  const isLink = options.link === 'symbolic' && !file.rewritten
  if (!isLink && !isNew && sameInode(lstatOf(target), unchanged ?? statSync(first))) return
  place(target, item, other => {
    if (isLink) create(other, file, options)
    else if (!linked(first, other)) copyFileSync(first, other, constants.COPYFILE_EXCL)
  })
}

/** Makes a hard link, and tells whether the file system could; fails if the target exists. */
function linked(source: string, target: string): boolean {
  try {
    linkSync(source, target)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    return false
  }
}
