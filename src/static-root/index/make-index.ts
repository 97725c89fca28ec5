import { statSync } from 'node:fs'
import path from 'node:path'
import { type Encoding, originalOf, SUFFIXES } from '../../base/encodings.ts'
import { StaticFilesError } from '../../base/errors.ts'
import { hashFile } from '../../base/files/hash-file.ts'
import { namesIn, pathsIn } from '../../base/files/paths.ts'
import { lstatOf } from '../../base/files/stat.ts'
import { unhashedName } from '../../base/names.ts'
import { type FoundEntry, type ManifestFacts, type PublicFile, publicFiles } from '../list.ts'
import { contentOf, type EarlierIndex, type IndexedContent, writeIndexFile } from './index-file.ts'

/** What a build knows about the static root. */
export interface BuildFacts extends ManifestFacts {
  /** The manifest's `hash`. */
  readonly manifestHash: string
  /** The files that the build wrote, by name, with the MD5 of their bytes. */
  readonly outputsByName: ReadonlyMap<string, { readonly hash: string; readonly size: number }>
  /** The siblings that the build wrote: their sizes in bytes, by the absolute path of their file. */
  readonly siblings: ReadonlyMap<string, IndexedContent['siblings']>
  /** The absolute paths of all that existed before, links not followed. */
  readonly existing: Iterable<string>
  readonly earlierIndex: EarlierIndex
}

type IndexedFile = Omit<IndexedContent, 'names'> & { readonly name: string }

/**
 * Writes the index of a static root: all files that may be served, those of earlier releases too. Does not look again at
 * files that the build has written.
 * @throws StaticFilesError if a file cannot be read or the index cannot be written
 */
export function writeIndex(staticRoot: string, build: BuildFacts): void {
  const pathOf = pathsIn(staticRoot)
  const others = new Map(otherFiles(staticRoot, build).map(file => [file.name, file]))
  const names = [...build.outputsByName.keys(), ...others.keys()].sort()
  const contents = byContent(names, name => {
    const other = others.get(name)
    if (other) return other
    const { hash, size } = build.outputsByName.get(name)!
    return { hash, size, siblings: build.siblings.get(pathOf(name)) ?? NO_SIBLINGS }
  })
  writeIndexFile(staticRoot, { manifestHash: build.manifestHash, contents })
}

const NO_SIBLINGS: IndexedContent['siblings'] = {}

/** Returns the files that the bundler wrote, that earlier builds left, and that somebody else put there. */
function otherFiles(staticRoot: string, build: BuildFacts): IndexedFile[] {
  const entries = [...otherEntries(staticRoot, build)]
  if (entries.length === 0) return []
  const files = publicFiles(staticRoot, build, entries)
  const earlier = files.length === 0 ? NOTHING : earlierHashes(build)
  return files.map(({ name, encodings }) => {
    const file = path.join(staticRoot, name)
    const { size, siblings } = sizesOf(staticRoot, { name, encodings })
    const content = earlier.get(name)
    const hash = content?.size === size ? content.hash : md5(file)
    return { name, hash, size, siblings: build.siblings.get(file) ?? siblings }
  })
}

function* otherEntries(
  staticRoot: string,
  { existing, outputsByName, siblings }: BuildFacts,
): Generator<FoundEntry> {
  const nameOf = namesIn(staticRoot)
  for (const file of existing) {
    const name = nameOf(file)
    if (outputsByName.has(name)) continue
    const original = originalOf(file)
    if (original !== undefined && siblings.has(original)) continue
    const kind = lstatOf(file)
    if (kind && !kind.isDirectory()) yield [name, kind]
  }
}

const NOTHING: ReadonlyMap<string, IndexedContent> = new Map()

/** Returns what the earlier index says about files with a hash in their name, which stands for their bytes. */
function earlierHashes({ earlierIndex, paths }: BuildFacts): Map<string, IndexedContent> {
  const contents = (earlierIndex()?.rows ?? []).flatMap(row => contentOf(row) ?? [])
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

function md5(file: string): string {
  try {
    return hashFile(file)
  } catch (cause) {
    throw new StaticFilesError(`cannot read ${file} for the index: ${(cause as Error).message}`, { cause })
  }
}

/** Groups names by content, so that the hashed and the plain name of a file stand together. */
function byContent(
  sorted: readonly string[],
  fileOf: (name: string) => Omit<IndexedContent, 'names'>,
): Iterable<IndexedContent> {
  const contents = new Map<string, Omit<IndexedContent, 'names'> & { names: string[] }>()
  for (const name of sorted) {
    const { hash, size, siblings } = fileOf(name)
    const key = siblings === NO_SIBLINGS ? hash : `${hash} ${Object.entries(siblings).join(' ')}`
    const content = contents.get(key)
    if (!content) contents.set(key, { hash, size, siblings, names: [name] })
    // Most contents have two names; a list that grows takes room for 17.
    else if (content.names.length === 1) content.names = [content.names[0]!, name]
    else content.names.push(name)
  }
  return contents.values()
}
