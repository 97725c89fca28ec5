import { createReadStream, createWriteStream, statSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type Encoding, SUFFIXES, type Suffix } from '../../base/encodings.ts'
import { replaceFile } from '../../base/files/replace-file.ts'
import type { Compression } from '../../options/compression.ts'
import { compressor, gzipUnknownSystem } from './compress.ts'

/**
 * Writes the siblings of a file that is too large for memory, piece by piece; they are kept by the rules for all others.
 * @param place answers where the sibling of a suffix comes, or `undefined` where it has no place
 * @returns the siblings that are worth keeping, with their sizes in bytes
 */
export async function writeLargeSiblings(
  source: string,
  compression: Compression,
  place: (suffix: Suffix) => string | undefined,
): Promise<Map<Suffix, number>> {
  const { size } = statSync(source)
  const kept = new Map<Suffix, number>()
  for (const encoding of compression.encodings) {
    const suffix = SUFFIXES[encoding]
    const target = place(suffix)
    const brotliFailed = compression.encodings.includes('br') && !kept.has('.br')
    if (target === undefined || (encoding === 'gzip' && brotliFailed)) continue
    await replaceFile(target, temporary => compressFile(source, temporary, encoding, compression))
    const { size: compressed } = statSync(target)
    if (compressed / size <= compression.maxRatio) kept.set(suffix, compressed)
    else unlinkSync(target)
  }
  return kept
}

async function compressFile(
  source: string,
  target: string,
  encoding: Encoding,
  { levels }: Compression,
): Promise<void> {
  const { size } = statSync(source)
  const compressing = compressor(encoding, levels[encoding], size)
  await pipeline(createReadStream(source), compressing, createWriteStream(target, { flags: 'wx' }))
  if (encoding !== 'gzip') return
  const file = await open(target, 'r+')
  try {
    await file.write(gzipUnknownSystem.bytes, 0, 1, gzipUnknownSystem.offset)
  } finally {
    await file.close()
  }
}
