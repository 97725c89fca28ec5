import { createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { StaticFilesError } from '../errors.ts'

/** What reading a file once tells. */
export interface Digest {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Changes when the file does. */
  readonly version: string
  /** In milliseconds since 1970: when the file or what is known of it changed, which nobody can set (POSIX `st_ctim`). */
  readonly changedAt: number
}

/** In bytes: larger files are never held in memory. */
export const LARGEST_TEXT: number = 128 * 1024 * 1024

const PIECE = 1024 * 1024

/** All files are read into it, one after the other. */
let piece: Buffer | undefined

/**
 * Hashes a file, whatever its size, in little memory.
 * @throws StaticFilesError where it cannot be read
 */
export function hashSource(source: string): Digest {
  return reading(source, (descriptor, stats) => {
    const { hash, size } = stats.size > PIECE ? hashPieces(descriptor) : hashPiece(descriptor, stats.size)
    return { hash, size, version: versionOf(stats), changedAt: stats.ctimeMs }
  })
}

/**
 * Hashes a file and looks at its bytes, which are gone afterwards.
 * @returns no result where the file is larger than {@link LARGEST_TEXT}
 * @throws StaticFilesError where it cannot be read
 */
export function readSource<Result>(
  source: string,
  look: (bytes: Buffer) => Result,
): Digest & { readonly result: Result | undefined } {
  return reading(source, (descriptor, stats) => {
    const version = versionOf(stats)
    const changedAt = stats.ctimeMs
    if (stats.size > LARGEST_TEXT)
      return { hash: '', size: stats.size, version, changedAt, result: undefined }
    const read = fill(
      descriptor,
      stats.size > PIECE ? Buffer.allocUnsafeSlow(stats.size) : pieceOf(stats.size),
    )
    return { hash: hash('md5', read), size: read.length, version, changedAt, result: look(read) }
  })
}

/** What a file was hashed as must be what is published. */
export function changedError(source: string): StaticFilesError {
  return new StaticFilesError(
    `${source} changed while it was read\nBuild again when nothing writes it any more`,
  )
}

/** Of what is known of a file. */
export function versionOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`
}

function reading<Result>(source: string, work: (descriptor: number, stats: Stats) => Result): Result {
  let descriptor: number | undefined
  try {
    descriptor = openSync(source, 'r')
    return work(descriptor, fstatSync(descriptor))
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    const remedy = 'Check that it exists and may be read, or leave it out with `ignore`'
    throw new StaticFilesError(`cannot read ${source}: ${cause.message}\n${remedy}`, { cause })
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function pieceOf(size: number): Buffer {
  piece ??= Buffer.allocUnsafeSlow(PIECE)
  return piece.subarray(0, size)
}

/** What was read: less than there is room for where the file became shorter meanwhile. */
function fill(descriptor: number, bytes: Buffer): Buffer {
  let length = 0
  while (length < bytes.length) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

function hashPiece(descriptor: number, length: number): { hash: string; size: number } {
  const read = fill(descriptor, pieceOf(length))
  return { hash: hash('md5', read), size: read.length }
}

function hashPieces(descriptor: number): { hash: string; size: number } {
  const digest = createHash('md5')
  let size = 0
  for (
    let read = fill(descriptor, pieceOf(PIECE));
    read.length > 0;
    read = fill(descriptor, pieceOf(PIECE))
  ) {
    digest.update(read)
    size += read.length
  }
  return { hash: digest.digest('hex'), size }
}
