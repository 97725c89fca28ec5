import { hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, type Stats } from 'node:fs'
import { StaticFilesError } from '../errors.ts'
import { hashOpenFile, readBytes } from './hash-file.ts'

/** What is learned by reading a file once. */
export interface Digest {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Changes when the file does. */
  readonly fingerprint: string
  /** In milliseconds since 1970: when the file or its stat changed, which nobody can set (POSIX `st_ctim`). */
  readonly changedAt: number
}

/** In bytes: larger files are never held in memory. */
export const LARGEST_TEXT: number = 128 * 1024 * 1024

/**
 * Hashes a file of any size in little memory.
 * @throws StaticFilesError if it cannot be read
 */
export function hashSource(source: string): Digest {
  return reading(source, (descriptor, stats) => {
    const { hash, size } = hashOpenFile(descriptor, stats.size)
    return { hash, size, fingerprint: fingerprintOf(stats), changedAt: stats.ctimeMs }
  })
}

/**
 * Hashes a file and looks at its bytes, which are gone afterwards.
 * @returns no result if the file is larger than {@link LARGEST_TEXT}
 * @throws StaticFilesError if it cannot be read
 */
export function readSource<Result>(
  source: string,
  look: (bytes: Buffer) => Result,
): Digest & { readonly result: Result | undefined } {
  return reading(source, (descriptor, stats) => {
    const fingerprint = fingerprintOf(stats)
    const changedAt = stats.ctimeMs
    if (stats.size > LARGEST_TEXT)
      return { hash: '', size: stats.size, fingerprint, changedAt, result: undefined }
    const read = readBytes(descriptor, stats.size)
    return { hash: hash('md5', read), size: read.length, fingerprint, changedAt, result: look(read) }
  })
}

/** Returns the error for a file that is not what was hashed: its hash would be wrong. */
export function changedError(source: string): StaticFilesError {
  return new StaticFilesError(
    `${source} changed while it was read\nBuild again when nothing writes it any more`,
  )
}

/** Returns a text that changes when the file does. */
export function fingerprintOf({ ino, size, mtimeMs }: Stats): string {
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
