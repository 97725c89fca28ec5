import { realpathSync } from 'node:fs'
import path from 'node:path'
import { SUFFIXES } from '../../base/encodings.ts'
import { contains } from '../../base/files/paths.ts'
import type { Compression } from '../../options/compression.ts'
import { isCompressible } from '../siblings/compressible.ts'

/** The siblings that a file may get. */
export function possibleSiblings(file: string, compression: Compression): string[] {
  if (!isCompressible(file, compression)) return []
  return compression.encodings.map(encoding => file + SUFFIXES[encoding])
}

/** Whether what has a name below the static root really lies there, and not behind a symbolic link. */
export function liesWithin(staticRoot: string, name: string): boolean {
  const [root, folder] = [realpathSync(staticRoot), realpathSync(path.dirname(path.join(staticRoot, name)))]
  return folder === root || contains(root, folder)
}
