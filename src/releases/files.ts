import { realpathSync } from 'node:fs'
import path from 'node:path'
import { type Compression, isCompressible, SUFFIXES } from '../compress.ts'
import { filesBelow } from '../files-below.ts'
import { contains } from '../finders.ts'

/** The siblings that a file may get. */
export function possibleSiblings(file: string, compression: Compression): string[] {
  if (!isCompressible(file, compression)) return []
  return compression.encodings.map(encoding => file + SUFFIXES[encoding])
}

/** Those of some files that are there, with the siblings beside them. */
export async function writtenFiles(files: readonly string[], staticRoot: string): Promise<string[]> {
  const existing = await filesBelow(staticRoot)
  const suffixes = Object.values(SUFFIXES)
  const siblings = files
    .filter(file => !suffixes.some(suffix => file.endsWith(suffix)))
    .flatMap(file => suffixes.map(suffix => file + suffix))
  return [...new Set([...files, ...siblings])].filter(file => existing.has(path.join(staticRoot, file)))
}

/** Whether what has a name below the static root really lies there, and not behind a symbolic link. */
export function liesWithin(staticRoot: string, name: string): boolean {
  const [root, folder] = [realpathSync(staticRoot), realpathSync(path.dirname(path.join(staticRoot, name)))]
  return folder === root || contains(root, folder)
}
