import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  readlink,
  realpath,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { mapConcurrently } from './concurrency.ts'
import { StaticFilesError } from './errors.ts'
import { isFolder } from './file-kind.ts'
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

/** How files are written. */
export interface WriteOptions {
  readonly staticRoot: string
  readonly link: false | 'symbolic' | 'hard'
}

const FILES_AT_ONCE = 32

/** Django's default for `FILE_UPLOAD_PERMISSIONS`, which `collectstatic` gives to every file. */
const FILE_MODE = 0o644

/**
 * Writes files below the static root. A file appears under its name when it is complete, so that whatever reads the
 * folder meanwhile, or after a crash, sees the old file or the new one.
 */
export async function writeFiles(files: readonly OutputFile[], options: WriteOptions): Promise<void> {
  const folders = new Set(files.flatMap(file => file.names.map(name => path.posix.dirname(name))))
  for (const folder of folders) await makeFolder(path.join(options.staticRoot, folder))
  await mapConcurrently(files, FILES_AT_ONCE, file => writeOne(file, options))
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new StaticFilesError(`cannot make the folder ${folder}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

async function writeOne(file: OutputFile, options: WriteOptions): Promise<void> {
  const [first, ...others] = file.names.map(name => path.join(options.staticRoot, name))
  if (first === undefined) return
  if (!(file.hashed && (await isWritten(first, file, options)))) await place(first, file, options)
  for (const other of others) await placeSame(other, first, file, options)
}

/**
 * Whether an earlier run wrote this file, in the same link mode. What is linked to another source, or to a source that
 * is to be copied now, does not have the bytes for good.
 */
async function isWritten(target: string, file: OutputFile, { link: kind }: WriteOptions): Promise<boolean> {
  const found = await lstat(target).catch(() => undefined)
  if (found === undefined) return false
  const isCopy = found.isFile() && found.size === file.size
  if (typeof file.content !== 'string') return isCopy
  if (kind === 'symbolic') return found.isSymbolicLink() && (await readlink(target)) === file.content
  return isCopy && (kind === 'hard') === (await sameInode(target, file.content))
}

async function place(target: string, file: OutputFile, { link: kind }: WriteOptions): Promise<void> {
  const { content } = file
  await replace(target, async temporary => {
    if (typeof content !== 'string') await writeFile(temporary, content, { flag: 'wx' })
    else if (kind === 'symbolic') return symlink(content, temporary)
    // A hard link to a symbolic one would be a symbolic link that starts elsewhere.
    else if (kind === 'hard' && (await linked(await realpath(content), temporary))) return
    else await copyFile(content, temporary)
    // Not as an option of `writeFile`, where the umask takes part.
    await chmod(temporary, FILE_MODE)
  })
}

/** Gives the bytes of `first` another name: one inode where the file system allows it. */
async function placeSame(
  target: string,
  first: string,
  file: OutputFile,
  options: WriteOptions,
): Promise<void> {
  if (options.link === 'symbolic' && typeof file.content === 'string') return place(target, file, options)
  if (await sameInode(target, first)) return
  await replace(target, async temporary => {
    if (!(await linked(first, temporary))) await copyFile(first, temporary)
  })
}

/** Whether `name` is a name of the file itself: a symbolic link to it is not. */
async function sameInode(name: string, file: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(name), stat(file)].map(found => found.catch(() => undefined)))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

async function linked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target)
    return true
  } catch {
    return false
  }
}

async function replace(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  try {
    await replaceFile(target, make)
  } catch (cause) {
    const reason = isFolder(target) ? 'it is a folder; remove it' : (cause as Error).message
    throw new StaticFilesError(`cannot write ${target}: ${reason}`, { cause })
  }
}
