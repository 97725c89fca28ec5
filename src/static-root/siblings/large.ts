import { createReadStream, createWriteStream, statSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type Encoding, SUFFIXES, type Suffix } from '../../base/encodings.ts'
import { replaceFile } from '../../base/files/replace-file.ts'
import type { Compression } from '../../options/compression.ts'
import { compressor, gzipUnknownSystem } from './compress.ts'

/**
 * Writes the siblings of a file that is too large for memory, chunk by chunk. The same rules decide which are kept.
 * @param targetOf returns the path of the sibling with a suffix, or `undefined` if a file of its own has that name
 * @returns the sizes in bytes of the siblings that are worth keeping
 */
export async function writeLargeSiblings(
  source: string,
  compression: Compression,
  targetOf: (suffix: Suffix) => string | undefined,
): Promise<Map<Suffix, number>> {
  const { size } = statSync(source)
  const kept = new Map<Suffix, number>()
  for (const encoding of compression.encodings) {
    const suffix = SUFFIXES[encoding]
    const target = targetOf(suffix)
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
