import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Encoding, SUFFIXES } from './compress.ts'
import { mapConcurrently } from './concurrency.ts'
import { StaticFilesError } from './errors.ts'
import { contentOf, type IndexedContent, readIndexFile, writeIndexFile } from './index-file.ts'
import { type KnownNames, listStaticRoot, type PublicFile } from './list-static-root.ts'
import { unhashedName } from './names.ts'

/** What a build knows of the files that it wrote. */
export interface KnownFiles extends KnownNames {
  /** The manifest's `hash`. */
  readonly manifestHash: string
  /** The MD5 of contents, by name; other files are read. */
  readonly hashes: ReadonlyMap<string, string>
}

/**
 * Writes the index of a static root: all files that may be served, those of earlier releases too.
 * @throws StaticFilesError where a file cannot be read or the index not be written
 */
export async function writeIndex(staticRoot: string, known: KnownFiles): Promise<void> {
  const earlier = earlierHashes(staticRoot, known)
  const files = await mapConcurrently(listStaticRoot(staticRoot, known), FILES_AT_ONCE, async file => {
    const { size, siblings } = sizesOf(staticRoot, file)
    const before = earlier.get(file.name)
    const hash = known.hashes.get(file.name) ?? (before?.size === size ? before.hash : undefined)
    return { name: file.name, size, siblings, hash: hash ?? (await md5(path.join(staticRoot, file.name))) }
  })
  await writeIndexFile(staticRoot, { manifestHash: known.manifestHash, contents: byContent(files) })
}

const FILES_AT_ONCE = 16

/** What the index before knew of files whose bytes their names stand for. */
function earlierHashes(staticRoot: string, { paths }: KnownNames): Map<string, IndexedContent> {
  const contents = (readIndexFile(staticRoot)?.rows ?? []).flatMap(row => contentOf(row) ?? [])
  return new Map(
    contents.flatMap(content => {
      const hashed = content.names.filter(name => !paths.has(name) && unhashedName(name) !== name)
      return hashed.map((name): [string, IndexedContent] => [name, content])
    }),
  )
}

function sizesOf(
  staticRoot: string,
  { name, encodings }: PublicFile,
): Omit<IndexedContent, 'hash' | 'names'> {
  const sizeOf = (file: string) => statSync(path.join(staticRoot, file)).size
  const siblings = encodings.map((encoding): [Encoding, number] => [
    encoding,
    sizeOf(name + SUFFIXES[encoding]),
  ])
  return { size: sizeOf(name), siblings: Object.fromEntries(siblings) }
}

async function md5(file: string): Promise<string> {
  const hash = createHash('md5')
  try {
    await pipeline(createReadStream(file), hash)
  } catch (cause) {
    throw new StaticFilesError(`cannot read ${file} for the index: ${(cause as Error).message}`, { cause })
  }
  return hash.digest('hex')
}

/** The hashed and the plain name of a file stand together. */
function byContent(files: readonly (Omit<IndexedContent, 'names'> & { name: string })[]): IndexedContent[] {
  const contents = new Map<string, IndexedContent & { names: string[] }>()
  for (const { name, hash, size, siblings } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = JSON.stringify([hash, size, siblings])
    const content = contents.get(key)
    if (content) content.names.push(name)
    else contents.set(key, { hash, size, siblings, names: [name] })
  }
  return [...contents.values()]
}
