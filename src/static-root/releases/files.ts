import { realpathSync } from 'node:fs'
import path from 'node:path'
import { SUFFIXES } from '../../base/encodings.ts'
import { contains } from '../../base/files/paths.ts'
import type { Compression } from '../../options/compression.ts'
import { isCompressible } from '../siblings/compressible.ts'

/** Returns the paths of the siblings that a file may get. */
export function possibleSiblings(file: string, compression: Compression): string[] {
  if (!isCompressible(file, compression)) return []
  return compression.encodings.map(encoding => file + SUFFIXES[encoding])
}

/** Tells whether the folder of a name really lies in the static root, and not behind a symlink. */
export function liesWithin(staticRoot: string, name: string): boolean {
  const [root, folder] = [realpathSync(staticRoot), realpathSync(path.dirname(path.join(staticRoot, name)))]
  return folder === root || contains(root, folder)
}
