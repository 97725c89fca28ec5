import {
  chmodSync,
  constants,
  linkSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs'
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { mapConcurrently } from './concurrency.ts'
import { StaticFilesError } from './errors.ts'
import { isFolder, lstatOf } from './file-kind.ts'
import { giveMode } from './file-mode.ts'
import { contains, type ListedFile } from './finders.ts'
import type { HashedFile } from './hash.ts'
import { replaceFile } from './replace-file.ts'

/** One file of the static root, under all the names that its bytes have. */
export interface OutputFile {
  /** The names below the static root. A name that carries the hash of the content comes first. */
  readonly names: readonly string[]
  /** Where the bytes are: a path, or the bytes themselves. */
  readonly content: string | Buffer
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Whether the first name carries the hash, so that a file of that name and size is this file already. */
  readonly hashed: boolean
}

/** The hashed and the plain name share their bytes unless references were written anew. */
export function hashedOutput(file: HashedFile, keepUnhashed: boolean): OutputFile[] {
  const { name, hashedName, source, sourceHash, size, rewritten } = file
  const plain = { names: [name], content: source, hash: sourceHash, size, hashed: false }
  if (!rewritten) return [{ ...plain, names: keepUnhashed ? [hashedName, name] : [hashedName], hashed: true }]
  const { bytes, hash } = rewritten
  const hashed = { names: [hashedName], content: bytes, hash, size: bytes.length, hashed: true }
  return keepUnhashed ? [hashed, plain] : [hashed]
}

/**
 * A file that keeps its name, with its references written anew.
 * @param isShared whether the bundle refers to the hashed name, which is then there too
 */
export function versionedOutput(file: HashedFile, isShared: boolean): OutputFile {
  const { name, hashedName, source, sourceHash, size, rewritten } = file
  const content = rewritten
    ? { content: rewritten.bytes, hash: rewritten.hash, size: rewritten.bytes.length }
    : { content: source, hash: sourceHash, size }
  return { ...content, names: isShared ? [hashedName, name] : [name], hashed: isShared }
}

/** A file that keeps its name and its bytes: its source stands for a hash that nobody needs. */
export function plainOutput({ name, source }: ListedFile): OutputFile {
  return { names: [name], content: source, hash: source, size: 0, hashed: false }
}

/** How files are written. */
export interface WriteOptions {
  readonly staticRoot: string
  readonly link: false | 'symbolic' | 'hard'
  readonly fileMode: number
  /** `undefined` leaves it to the system. */
  readonly folderMode: number | undefined
  /**
   * The absolute paths of all that is in the static root already: anything else is written without a look.
   * @default unknown
   */
  readonly existing?: ReadonlySet<string>
}

const FILES_AT_ONCE = 32

/**
 * Writes files below the static root. A file that replaces another appears when it is complete, so that whatever reads
 * the folder meanwhile, or after a crash, sees the old file or the new one. What is short is called synchronously: a
 * detour over the thread pool costs several times as much.
 */
export async function writeFiles(files: readonly OutputFile[], options: WriteOptions): Promise<void> {
  const folders = new Set(files.flatMap(file => file.names.map(name => path.posix.dirname(name))))
  for (const folder of folders) makeFolder(path.join(options.staticRoot, folder), options.folderMode)
  await mapConcurrently(files, FILES_AT_ONCE, file => writeOne(file, options))
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

async function writeOne(file: OutputFile, options: WriteOptions): Promise<void> {
  const [first, ...others] = file.names.map(name => path.join(options.staticRoot, name))
  if (first === undefined) return
  const written = writtenFile(first, file, options)
  if (!written) await place(first, options, target => make(target, file, options))
  else if (!options.link) giveMode(first, options.fileMode, written)
  for (const other of others) await placeSame(other, first, file, options)
}

/**
 * What is known of this file where an earlier run wrote it, in the same link mode. What is linked to another source, or
 * to a source that is to be copied now, does not have the bytes for good.
 */
function writtenFile(
  target: string,
  file: OutputFile,
  { link: kind, existing }: WriteOptions,
): Stats | undefined {
  if (!file.hashed || existing?.has(target) === false) return undefined
  const found = lstatOf(target)
  return found && isWritten(target, found, file, kind) ? found : undefined
}

function isWritten(target: string, found: Stats, file: OutputFile, kind: WriteOptions['link']): boolean {
  const isCopy = found.isFile() && found.size === file.size
  if (typeof file.content !== 'string') return isCopy
  if (kind === 'symbolic') return found.isSymbolicLink() && readlinkSync(target) === file.content
  return isCopy && (kind === 'hard') === sameInode(target, file.content)
}

/** Makes the file in its place where there is none, otherwise beside it and then renamed. */
async function place(
  target: string,
  { existing }: WriteOptions,
  makeAt: (target: string) => Promise<void>,
): Promise<void> {
  if (existing?.has(target) === false) {
    try {
      return await makeAt(target)
    } catch (error) {
      // Somebody else made it meanwhile; any other error is found again, and told, below.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        await rm(target, { force: true }).catch(() => {})
    }
  }
  await replace(target, makeAt)
}

/** Fails where there is a file already. */
async function make(target: string, { content }: OutputFile, options: WriteOptions): Promise<void> {
  const { link: kind, fileMode } = options
  if (typeof content !== 'string') await writeFile(target, content, { flag: 'wx' })
  else if (kind === 'symbolic') return symlinkSync(content, target)
  // A hard link to a symbolic one would be a symbolic link that starts elsewhere.
  else if (kind === 'hard' && linked(realpathSync(content), target)) return
  else await copyFile(content, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  giveMode(target, fileMode)
}

/** Gives the bytes of `first` another name: one inode where the file system allows it. */
async function placeSame(
  target: string,
  first: string,
  file: OutputFile,
  options: WriteOptions,
): Promise<void> {
  const isLink = options.link === 'symbolic' && typeof file.content === 'string'
  if (!isLink && options.existing?.has(target) !== false && sameInode(target, first)) return
  await place(target, options, async other => {
    if (isLink) await make(other, file, options)
    else if (!linked(first, other)) await copyFile(first, other, constants.COPYFILE_EXCL)
  })
}

/** Whether `name` is a name of the file itself: a symbolic link to it is not. */
function sameInode(name: string, file: string): boolean {
  const [a, b] = [lstatOf(name), statSync(file, { throwIfNoEntry: false })]
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
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

async function replace(target: string, makeAt: (temporary: string) => Promise<void>): Promise<void> {
  try {
    await replaceFile(target, makeAt)
  } catch (cause) {
    const reason = isFolder(target) ? 'it is a folder; remove it' : (cause as Error).message
    throw new StaticFilesError(`cannot write ${target}: ${reason}`, { cause })
  }
}

/** The absolute paths of all files and folders below a folder; none where it does not exist. */
export async function filesBelow(folder: string): Promise<Set<string>> {
  const found = await readdir(folder, { recursive: true }).catch(() => [])
  return new Set(found.map(file => path.join(folder, file)))
}
