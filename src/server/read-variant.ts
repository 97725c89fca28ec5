import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Variant } from './variant.ts'

/** Says that a file differs from what the index says, or from what it was at its first request. */
export class FileChanged extends Error {}

/** An open file; whoever gets it closes it. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly start: number
  /** The offset of the last byte, inclusive. */
  readonly end: number
}

/**
 * Opens a variant's file to send a part of it.
 * @throws FileChanged
 */
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

/** How much is read at once, in bytes. */
const CHUNK = 256 * 1024

/** Streams the content of an open file, and closes it. */
export function streamOf({ handle, start, end }: OpenFile): ReadStream {
  return createReadStream('', { fd: handle, start, end, highWaterMark: CHUNK })
}

/**
 * Reads a variant's file.
 * @throws FileChanged
 */
export async function readVariant({ path, size, hash }: Variant): Promise<Buffer> {
  const handle = await openFile(path)
  try {
    await checkSize(handle, size)
    // A slice of a pool would keep the whole pool alive as long as any of its slices.
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

/** Opens a file. If it was there when the variants were prepared and is gone now, it has changed. */
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
