import { randomUUID } from 'node:crypto'
import { chmod, copyFile, link, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { mapConcurrently } from './concurrency.ts'
import { StaticFilesError } from './errors.ts'

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
  if (!(file.hashed && (await hasSize(first, file.size)))) await place(first, file, options)
  for (const other of others) await placeSame(other, first, file, options)
}

async function hasSize(file: string, size: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() === true && found.size === size
}

async function place(target: string, file: OutputFile, { link: kind }: WriteOptions): Promise<void> {
  const { content } = file
  await replace(target, async temporary => {
    if (typeof content !== 'string') return writeFile(temporary, content, { mode: FILE_MODE })
    if (kind === 'symbolic') return symlink(content, temporary)
    if (kind === 'hard' && (await linked(content, temporary))) return
    await copyFile(content, temporary)
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
  // Renaming one link of an inode to another does nothing and would leave the temporary name.
  if (await sameInode(target, first)) return
  await replace(target, async temporary => {
    if (!(await linked(first, temporary))) await copyFile(first, temporary)
  })
}

async function sameInode(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map(file => stat(file).catch(() => undefined)))
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

/** Makes a file under a temporary name beside `target` and renames it. */
async function replace(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path.dirname(target)}${path.sep}.${randomUUID()}.tmp`
  try {
    await make(temporary)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new StaticFilesError(`cannot write ${target}: ${(error as Error).message}`, { cause: error })
  }
}
