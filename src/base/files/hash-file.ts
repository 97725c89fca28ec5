import { type BinaryToTextEncoding, createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** In bytes: files up to this size are read at once. */
const CHUNK = 1024 * 1024

/** A buffer that all files are read into, one after the other. */
let buffer: Buffer | undefined

/** How the bytes of a file become a digest. */
export interface HashMethod {
  readonly algorithm: 'md5' | 'sha384'
  readonly encoding: BinaryToTextEncoding
}

const MD5: HashMethod = { algorithm: 'md5', encoding: 'hex' }

/**
 * Hashes a file of any size in little memory.
 * @throws the system's error if it cannot be read
 */
export function hashFile(file: string, method: HashMethod = MD5): string {
  const descriptor = openSync(file, 'r')
  try {
    return hashOpenFile(descriptor, fstatSync(descriptor).size, method).hash
  } finally {
    closeSync(descriptor)
  }
}

/** Hashes an open file from its start; also returns how many bytes were read. */
export function hashOpenFile(
  descriptor: number,
  size: number,
  { algorithm, encoding }: HashMethod = MD5,
): { hash: string; size: number } {
  if (size <= CHUNK) {
    const read = readBytes(descriptor, size)
    return { hash: hash(algorithm, read, encoding), size: read.length }
  }
  const digest = createHash(algorithm)
  let total = 0
  for (let read = readBytes(descriptor, CHUNK); read.length > 0; read = readBytes(descriptor, CHUNK)) {
    digest.update(read)
    total += read.length
  }
  return { hash: digest.digest(encoding), size: total }
}

/**
 * Reads up to `size` bytes of an open file. The next call overwrites them, unless they are more than `CHUNK`.
 * @returns fewer bytes if the file ends earlier
 */
export function readBytes(descriptor: number, size: number): Buffer {
  const bytes = size > CHUNK ? Buffer.allocUnsafeSlow(size) : chunkOf(size)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

function chunkOf(size: number): Buffer {
  buffer ??= Buffer.allocUnsafeSlow(CHUNK)
  return buffer.subarray(0, size)
}
