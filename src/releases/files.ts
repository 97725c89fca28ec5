import path from 'node:path'
import { type Compression, isCompressible, SUFFIXES } from '../compress.ts'
import { filesBelow } from '../write.ts'

/** The siblings that a file may get. */
export function possibleSiblings(file: string, compression: Compression): string[] {
  if (!isCompressible(file, compression)) return []
  return compression.encodings.map(encoding => file + SUFFIXES[encoding])
}

/** The files of a build with the siblings that came beside them. */
export async function writtenFiles(files: readonly string[], staticRoot: string): Promise<string[]> {
  const existing = await filesBelow(staticRoot)
  const siblings = files.flatMap(file => Object.values(SUFFIXES).map(suffix => file + suffix))
  const written = siblings.filter(sibling => existing.has(path.join(staticRoot, sibling)))
  return [...new Set([...files, ...written])]
}
