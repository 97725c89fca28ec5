import { closeSync, openSync, writeSync } from 'node:fs'

/** In UTF-16 units: so much that a call for each costs little. */
const BATCH = 64 * 1024

/** Joins pieces of a text to larger ones: all in one would take as much memory again as what it is made from. */
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

/** Puts something between pieces. */
export function* joined(pieces: Iterable<string>, separator: string): Generator<string> {
  let before = ''
  for (const piece of pieces) {
    yield before + piece
    before = separator
  }
}

/** Writes a new text file piece by piece; fails where there is one. */
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
