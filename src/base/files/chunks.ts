import { closeSync, openSync, writeSync } from 'node:fs'

/** In UTF-16 units: large enough that a call per batch costs little. */
const BATCH = 64 * 1024

/** Joins short texts into batches: the whole text would take as much memory again as its source. */
export function* batches(chunks: Iterable<string>): Generator<string> {
  let batch = ''
  for (const chunk of chunks) {
    batch += chunk
    if (batch.length < BATCH) continue
    yield batch
    batch = ''
  }
  if (batch !== '') yield batch
}

/** Puts a separator between chunks. */
export function* joined(chunks: Iterable<string>, separator: string): Generator<string> {
  let before = ''
  for (const chunk of chunks) {
    yield before + chunk
    before = separator
  }
}

/** Writes a new text file chunk by chunk; fails if the file exists. */
export function writeChunks(file: string, chunks: Iterable<string>): void {
  const descriptor = openSync(file, 'wx')
  try {
    for (const batch of batches(chunks)) {
      const bytes = Buffer.from(batch)
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
    }
  } finally {
    closeSync(descriptor)
  }
}
