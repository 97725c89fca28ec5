import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Encoding } from './compress.ts'
import { StaticFilesError } from './errors.ts'
import { isPlainPath } from './names.ts'
import { replaceFile } from './replace-file.ts'

/** The index's name in the static root. */
export const INDEX = 'staticfiles.index.json'

/** Changes when a reader of the old format would misread the new one. */
const VERSION = 1

/** A content of the static root. */
export interface IndexedContent {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** The size of each sibling, in bytes. */
  readonly siblings: Readonly<Partial<Record<Encoding, number>>>
  /** The files that have these bytes, and siblings of these sizes. */
  readonly names: readonly string[]
}

/** What an index says. */
export interface Index {
  /** The `hash` of the manifest that was written with it. */
  readonly manifestHash: string
  readonly contents: readonly IndexedContent[]
}

/**
 * Writes the index in one step. It holds no times: the same files give the same index on every machine.
 *
 * One line a content: `["<MD5>", <size>, ["<name>", …], {"br": <size>, …}]`, the last only where there are siblings.
 * @throws StaticFilesError where it cannot be written
 */
export async function writeIndexFile(staticRoot: string, { manifestHash, contents }: Index): Promise<void> {
  const lines = contents.map(({ hash, size, names, siblings }) => {
    return JSON.stringify([hash, size, names, ...(Object.keys(siblings).length > 0 ? [siblings] : [])])
  })
  const text = `{"version": ${VERSION}, "manifest": ${JSON.stringify(manifestHash)}, "files": [\n${lines.join(',\n')}\n]}\n`
  const file = path.join(staticRoot, INDEX)
  try {
    await replaceFile(file, temporary => writeFile(temporary, text, { flag: 'wx' }))
  } catch (cause) {
    throw new StaticFilesError(`cannot write the index ${file}: ${(cause as Error).message}`, { cause })
  }
}

/** The index of a static root; `undefined` where there is none that can be read, as its folder can be listed instead. */
export function readIndexFile(staticRoot: string): Index | undefined {
  try {
    const { version, manifest, files } = JSON.parse(readFileSync(path.join(staticRoot, INDEX), 'utf8'))
    if (version !== VERSION || typeof manifest !== 'string' || !files.every(isRow)) return undefined
    return { manifestHash: manifest, contents: files.map(contentOf) }
  } catch {
    return undefined
  }
}

type Row = [hash: string, size: number, names: string[], siblings?: Partial<Record<Encoding, number>>]

/** An index that somebody changed must not lead to files elsewhere. */
function isRow(row: unknown): row is Row {
  const [hash, size, names, siblings = {}] = row as Row
  return (
    typeof hash === 'string' &&
    Number.isSafeInteger(size) &&
    names.every(name => isPlainPath(name) && !/[\\\0]/u.test(name)) &&
    Object.entries(siblings).every(([encoding, bytes]) => isEncoding(encoding) && Number.isSafeInteger(bytes))
  )
}

function isEncoding(text: string): text is Encoding {
  return text === 'br' || text === 'gzip' || text === 'zstd'
}

function contentOf([hash, size, names, siblings = {}]: Row): IndexedContent {
  return { hash, size, names, siblings }
}
