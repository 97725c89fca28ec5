import { closeSync, openSync, writeSync } from 'node:fs'

/** In UTF-16 units: large enough that a call per batch costs little. */
const BATCH = 64 * 1024

/** Joins pieces of a text into larger ones: the whole text would take as much memory again as its source. */
export function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = ''
  for (const piece of pieces) {
    batch += piece
    if (batch.length < BATCH) continue
    yield batch
    batch = ''
  }
  if (batch !== '') yield batch
}

/** Puts a separator between pieces. */
export function* joined(pieces: Iterable<string>, separator: string): Generator<string> {
  let before = ''
  for (const piece of pieces) {
    yield before + piece
    before = separator
  }
}

/** Writes a new text file piece by piece; fails if the file exists. */
export function writePieces(file: string, pieces: Iterable<string>): void {
  const descriptor = openSync(file, 'wx')
  try {
    for (const batch of batches(pieces)) {
      const bytes = Buffer.from(batch)
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
    }
  } finally {
    closeSync(descriptor)
  }
}
