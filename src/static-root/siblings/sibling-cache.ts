import { createHash, hash } from 'node:crypto'
import {
  closeSync,
  type Dirent,
  fstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Suffix } from '../../base/encodings.ts'
import { isTemporary, replaceFile } from '../../base/files/replace-file.ts'
import { listIfPossible, walk } from '../../base/files/walk.ts'
import type { Compression } from '../../options/compression.ts'
import { parametersOf, type Sibling } from './compress.ts'

/** In milliseconds: how far off the time of an entry's last use may be, so that not every use writes to the disk. */
const HOUR = 60 * 60 * 1000

/**
 * Keeps siblings by the hash of their content, in a folder. Several builds may use it at the same time: an entry appears
 * when it is complete, and an entry with anything wrong counts as missing.
 */
export class SiblingCache {
  readonly #folder: string
  readonly #entries: string
  readonly #limit: number
  readonly #warn: (message: string) => void
  #hasNew = false
  #isWritable = true

  /**
   * @param folder an absolute path; the folder is created with the first entry
   * @param warn called once if the folder cannot be written
   */
  constructor(folder: string, compression: Compression, warn: (message: string) => void) {
    this.#folder = folder
    // Siblings of other parameters stay, for builds that have those.
    this.#entries = path.join(folder, hash('md5', `1, ${parametersOf(compression)}`).slice(0, 12))
    this.#limit = compression.cacheSize
    this.#warn = warn
  }

  /** Returns the siblings of a content, or `undefined` if the cache does not have them. */
  get(contentHash: string): Sibling[] | undefined {
    try {
      const entry = decode(readUsed(this.#fileOf(contentHash)))
      if (entry === undefined) rmSync(this.#fileOf(contentHash), { force: true })
      return entry
    } catch {
      return undefined
    }
  }

  /** Keeps the siblings of a content. If that fails, each build only compresses again. */
  async set(contentHash: string, siblings: readonly Sibling[]): Promise<void> {
    if (!this.#isWritable) return
    const file = this.#fileOf(contentHash)
    try {
      mkdirSync(path.dirname(file), { recursive: true })
      await replaceFile(file, temporary => writeFile(temporary, encode(siblings), { flag: 'wx' }))
      this.#hasNew = true
    } catch (error) {
      if (this.#isWritable) {
        const remedy =
          'Siblings are compressed again by each build; make it writable, or name another one: `compress.cache`'
        this.#warn(`cannot write the cache ${this.#folder}: ${(error as Error).message}\n${remedy}`)
      }
      this.#isWritable = false
    }
  }

  /** Removes the least recently used entries, until the size is within the limit again. */
  evict(): void {
    if (!this.#hasNew || !this.#isWritable) return
    const files = filesOf(this.#folder)
    let size = files.reduce((sum, file) => sum + file.size, 0)
    for (const { file, size: freed, used } of files.sort((a, b) => a.used - b.used)) {
      // A killed build left it.
      const isAbandoned = isTemporary(path.basename(file)) && used < Date.now() - HOUR
      if (size <= this.#limit && !isAbandoned) continue
      rmSync(file, { force: true })
      size -= freed
    }
  }

  #fileOf(contentHash: string): string {
    return [this.#entries, contentHash.slice(0, 2), contentHash].join(path.sep)
  }
}

/** Reads an entry, and notes that it was used. */
function readUsed(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const now = Date.now()
    if (fstatSync(descriptor).mtimeMs < now - HOUR) futimesSync(descriptor, now / 1000, now / 1000)
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

interface CachedFile {
  readonly file: string
  readonly size: number
  /** In milliseconds since 1970. */
  readonly used: number
}

/** Tells whether a file belongs to the cache: the folder may hold other files, which are not ours to remove. */
function isCached(name: string): boolean {
  return /^[0-9a-f]{12}\/[0-9a-f]{2}\/[0-9a-f]{32}$/u.test(name) || isTemporary(path.basename(name))
}

function filesOf(folder: string): CachedFile[] {
  const files: CachedFile[] = []
  const add = (name: string, entry: Dirent) => {
    const file = path.join(folder, name)
    // Another build may have removed it.
    const found = entry.isFile() && isCached(name) ? statSync(file, { throwIfNoEntry: false }) : undefined
    if (found) files.push({ file, size: found.size, used: found.mtimeMs })
    return true
  }
  walk(folder, add, listIfPossible)
  return files
}

/** An entry is the MD5 of all that follows, a list of suffixes and sizes, a line break, and the bytes. */
const CHECKSUM_LENGTH = 32

function encode(siblings: readonly Sibling[]): Buffer {
  const head = JSON.stringify(siblings.map(({ suffix, bytes }) => [suffix, bytes.length]))
  const rest = [Buffer.from(`${head}\n`), ...siblings.map(({ bytes }) => bytes)]
  const digest = createHash('md5')
  for (const part of rest) digest.update(part)
  return Buffer.concat([Buffer.from(digest.digest('hex')), ...rest])
}

/** Returns `undefined` if the entry is truncated or otherwise changed. */
function decode(entry: Buffer): Sibling[] | undefined {
  const rest = entry.subarray(CHECKSUM_LENGTH)
  if (hash('md5', rest) !== entry.toString('latin1', 0, CHECKSUM_LENGTH)) return undefined
  let start = rest.indexOf('\n') + 1
  const head: [Suffix, number][] = JSON.parse(rest.toString('latin1', 0, start))
  return head.map(([suffix, length]) => {
    start += length
    return { suffix, bytes: rest.subarray(start - length, start) }
  })
}
