import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { contains, pathsIn } from '../base/files/paths.ts'
import { placeFile } from '../base/files/replace-file.ts'
import { changedError, fingerprintOf } from '../base/files/source.ts'
import { giveMode, isFolder, lstatOf } from '../base/files/stat.ts'
import { share } from '../base/share.ts'
import { defineJob, type Job } from '../base/threads.ts'
import { bytesOf } from '../hash/render.ts'
import { type EarlierBuild, sameInode, writtenFile } from './earlier-build.ts'
import type { FileToWrite, OutputFile, WriteOptions } from './output-file.ts'

/** What is known of the static root. */
export interface Existing {
  /**
   * The absolute paths of all that is there already: anything else is written without a look.
   * @default unknown
   */
  readonly existing?: ReadonlySet<string>
  /**
   * What the build before left.
   * @default nothing is known of it
   */
  readonly earlier?: EarlierBuild
}

/**
 * Writes files below the static root. A file that replaces another appears when it is complete, so that whatever reads
 * the folder meanwhile, or after a crash, sees the old file or the new one.
 * @throws StaticFilesError where one cannot be written, or its source has changed since its hash was taken
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
  const placed = (file: OutputFile): FileToWrite => ({
    file,
    isNew: file.names.every(isNew),
    writtenBefore: !file.hashed && earlier?.names.has(file.names[0]!) ? earlier.endedAt : undefined,
  })
  // What this thread has in memory it writes itself.
  const own = files.filter(isInMemory)
  const items = files.filter(file => !isInMemory(file))
  await share(writeJob, items, options, { send: placed, own })
}

function isInMemory({ content }: OutputFile): boolean {
  return typeof content !== 'string' && content.bytes !== undefined
}

function makeFolder(folder: string, mode: number | undefined): void {
  try {
    const first = mkdirSync(folder, { recursive: true })
    if (first === undefined || mode === undefined) return
    // Not as an option of `mkdir`, where the umask takes part.
    for (let made = folder; contains(path.dirname(first), made); made = path.dirname(made))
      chmodSync(made, mode)
  } catch (cause) {
    throw new StaticFilesError(`cannot make the folder ${folder}: ${(cause as Error).message}`, { cause })
  }
}

/** Writes one file in any thread. */
export const writeJob: Job<FileToWrite, WriteOptions, void> = defineJob('write', writeOne)

/** What is short is called synchronously: a detour over the thread pool costs several times as much. */
function writeOne(item: FileToWrite, options: WriteOptions): void {
  const { file } = item
  const [first, ...others] = file.names.map(pathsIn(options.staticRoot))
  if (first === undefined) return
  const written = writtenFile(first, item, options)
  if (!written) place(first, item, target => make(target, file, options))
  else if (!options.link) giveMode(first, options.fileMode, written)
  for (const other of others) placeSame(other, first, written, item, options)
}

/** Says of a file that cannot be written what to do. */
function place(target: string, { isNew }: FileToWrite, makeAt: (target: string) => void): void {
  try {
    placeFile(target, isNew, makeAt)
  } catch (cause) {
    if (cause instanceof StaticFilesError) throw cause
    const reason = isFolder(target) ? 'it is a folder; remove it' : (cause as Error).message
    throw new StaticFilesError(`cannot write ${target}: ${reason}`, { cause })
  }
}

/** Fails where there is a file already. */
function make(target: string, { content, fingerprint }: OutputFile, options: WriteOptions): void {
  const { link: kind, fileMode } = options
  if (typeof content !== 'string') {
    writeFileSync(target, bytesOf(content), { flag: 'wx' })
    giveMode(target, fileMode)
  } else if (kind === 'symbolic') symlinkSync(content, target)
  else copy(content, target, fingerprint, options)
}

/** Copies or hard-links a source; what it was hashed as must be what is published. */
function copy(
  content: string,
  target: string,
  fingerprint: string | undefined,
  { link: kind, fileMode }: WriteOptions,
): void {
  // A hard link to a symbolic one would be a symbolic link that starts elsewhere.
  const isLink = kind === 'hard' && linked(realpathSync(content), target)
  if (!isLink) copyFileSync(content, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  const source = statSync(content)
  if (fingerprint !== undefined && fingerprint !== fingerprintOf(source)) throw changedError(content)
  // A copy has the mode of its source.
  if (!isLink) giveMode(target, fileMode, source)
}

/**
 * Gives the bytes of `first` another name: one inode where the file system allows it.
 * @param written what is known of `first` where an earlier run wrote it
 */
function placeSame(
  target: string,
  first: string,
  written: Stats | undefined,
  item: FileToWrite,
  options: WriteOptions,
): void {
  const { file, isNew } = item
  const isLink = options.link === 'symbolic' && typeof file.content === 'string'
  if (!isLink && !isNew && sameInode(lstatOf(target), written ?? statSync(first))) return
  place(target, item, other => {
    if (isLink) make(other, file, options)
    else if (!linked(first, other)) copyFileSync(first, other, constants.COPYFILE_EXCL)
  })
}

/** Whether a hard link could be made; not where there is a file already. */
function linked(source: string, target: string): boolean {
  try {
    linkSync(source, target)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    return false
  }
}
