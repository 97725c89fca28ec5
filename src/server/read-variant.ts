import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Variant } from './variant.ts'

/** A file is not as the index says, or as it was when it was first asked for. */
export class FileChanged extends Error {}

/** An open file; whoever takes it closes it. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly start: number
  /** The last byte, which belongs to it. */
  readonly end: number
}

/** @throws FileChanged */
export async function openVariant(
  { path, size }: Variant,
  { start, end }: { start: number; end: number },
): Promise<OpenFile> {
  const handle = await openFile(path)
  try {
    await checkSize(handle, size)
    return { handle, start, end }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** In bytes: what is read at once. */
const CHUNK = 256 * 1024

/** The content of an open file, which the stream closes. */
export function streamOf({ handle, start, end }: OpenFile): ReadStream {
  return createReadStream('', { fd: handle, start, end, highWaterMark: CHUNK })
}

/** @throws FileChanged */
export async function readVariant({ path, size, hash }: Variant): Promise<Buffer> {
  const handle = await openFile(path)
  try {
    await checkSize(handle, size)
    // Of its own, not a part of a pool that would stay as long as the last of its parts.
    const content = Buffer.allocUnsafeSlow(size)
    for (let at = 0; at < size; ) {
      const { bytesRead } = await handle.read(content, at, size - at, at)
      if (bytesRead === 0) throw new FileChanged(path)
      at += bytesRead
    }
    if (hash !== undefined && createHash('md5').update(content).digest('hex') !== hash)
      throw new FileChanged(path)
    return content
  } finally {
    await handle.close()
  }
}

/** What was there when the file was prepared, and is not now, has changed. */
async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    throw isGone(error) ? new FileChanged(path) : error
  }
}

async function checkSize(handle: FileHandle, size: number): Promise<void> {
  const found = await handle.stat()
  if (!found.isFile() || found.size !== size) throw new FileChanged()
}

/** Whether an error says that there is no such file. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')
}
