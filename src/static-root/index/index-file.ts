import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Encoding } from '../../base/encodings.ts'
import { StaticFilesError } from '../../base/errors.ts'
import { joined, writeChunks } from '../../base/files/chunks.ts'
import { replaceFileSync } from '../../base/files/replace-file.ts'
import { isPlainPath } from '../../base/names.ts'

/** The index's name in the static root. */
export const INDEX = 'staticfiles.index.json'

/** The format's version. It changes when a reader of the old format would misread the new one. */
const VERSION = 1

/** Files of the static root with the same bytes. */
export interface IndexedContent {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** The size of each sibling, in bytes. */
  readonly siblings: Readonly<Partial<Record<Encoding, number>>>
  /** The names of the files that have these bytes, and siblings of these sizes. */
  readonly names: readonly string[]
}

/** What an index says. */
export interface Index {
  /** The `hash` of the manifest that was written with it. */
  readonly manifestHash: string
  readonly contents: Iterable<IndexedContent>
}

/**
 * Writes the index in one step. It contains no times, so that the same files give the same index on every machine.
 *
 * One line per content: `["<MD5>", <size>, ["<name>", …], {"br": <size>, …}]`, the last only if there are siblings.
 * @throws StaticFilesError if it cannot be written
 */
export function writeIndexFile(staticRoot: string, { manifestHash, contents }: Index): void {
  const file = path.join(staticRoot, INDEX)
  try {
    replaceFileSync(file, temporary => writeChunks(temporary, chunksOf({ manifestHash, contents })))
  } catch (cause) {
    throw new StaticFilesError(`cannot write the index ${file}: ${(cause as Error).message}`, { cause })
  }
}

function* chunksOf({ manifestHash, contents }: Index): Generator<string> {
  yield `{"version": ${VERSION}, "manifest": ${JSON.stringify(manifestHash)}, "files": [\n`
  yield* joined(linesOf(contents), ',\n')
  yield '\n]}\n'
}

function* linesOf(contents: Iterable<IndexedContent>): Generator<string> {
  for (const { hash, size, names, siblings } of contents) {
    const row: IndexRow =
      Object.keys(siblings).length > 0 ? [hash, size, names, siblings] : [hash, size, names]
    yield JSON.stringify(row)
  }
}

/** A line of the index. */
export type IndexRow = readonly [
  hash: string,
  size: number,
  names: readonly string[],
  siblings?: Readonly<Partial<Record<Encoding, number>>>,
]

/** An index as it is read. */
export interface IndexRows extends Pick<Index, 'manifestHash'> {
  /** In milliseconds since 1970. */
  readonly writtenAt: number
  readonly rows: readonly IndexRow[]
}

/**
 * Returns the lines of a static root's index; {@link contentOf} checks and reads one. Returns `undefined` if there is no
 * index of this version, because the folder can be listed instead.
 */
export function readIndexFile(staticRoot: string): IndexRows | undefined {
  const file = path.join(staticRoot, INDEX)
  try {
    const writtenAt = statSync(file).mtimeMs
    const { version, manifest, files } = JSON.parse(readFileSync(file, 'utf8'))
    if (version !== VERSION || typeof manifest !== 'string') return undefined
    return files.every(hasNames) ? { manifestHash: manifest, writtenAt, rows: files } : undefined
  } catch {
    return undefined
  }
}

/** Returns what the index of a static root said before a build; reads it at the first call. */
export type EarlierIndex = () => IndexRows | undefined

export function earlierIndex(staticRoot: string): EarlierIndex {
  let index: IndexRows | undefined
  return () => {
    index ??= readIndexFile(staticRoot)
    return index
  }
}

function hasNames(row: unknown): boolean {
  return Array.isArray(row) && Array.isArray(row[2])
}

/** Reads a line; `undefined` if it is not valid. An index that somebody changed must not lead to files elsewhere. */
export function contentOf([hash, size, names, siblings = {}]: IndexRow): IndexedContent | undefined {
  const valid =
    /^[0-9a-f]{32}$/u.test(hash) &&
    Number.isSafeInteger(size) &&
    names.every(name => isPlainPath(name) && !/[\\\0]/u.test(name)) &&
    Object.entries(siblings).every(([encoding, bytes]) => isEncoding(encoding) && Number.isSafeInteger(bytes))
  return valid ? { hash, size, names, siblings } : undefined
}

function isEncoding(text: string): text is Encoding {
  return text === 'br' || text === 'gzip' || text === 'zstd'
}
