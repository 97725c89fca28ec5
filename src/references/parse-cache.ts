import { readCacheFile, writeCacheFile } from '../base/files/cache-file.ts'
import { fingerprintOf } from '../base/files/source.ts'
import { statOf } from '../base/files/stat.ts'
import type { Kind, Parsed } from './parse.ts'

/** In milliseconds: a file that changed this shortly before it was read may change again without a new mtime. */
const COARSEST_CLOCK = 2000

/** The options of {@link ParseCache}. */
export interface ParseCacheOptions {
  /** The absolute path of the cache file, which later builds read. */
  readonly file?: string | undefined
  /** Whether to keep the entries in memory, because this process will build again. */
  readonly keep?: boolean
}

/**
 * Caches what files hold, for later builds: a file is not read again as long as its inode, size, modification time and
 * change time stay the same. A damaged cache file counts as missing.
 */
export class ParseCache {
  readonly #file: string | undefined
  readonly #keep: boolean
  #settledBefore = Date.now() - COARSEST_CLOCK
  #entries: Map<string, Parsed> | undefined
  /** The entries that this build has used. */
  #used = new Map<string, Parsed>()
  #hasNew = false

  constructor({ file, keep = false }: ParseCacheOptions = {}) {
    this.#file = file
    this.#keep = keep
  }

  /** Returns what a file held when it was last read, or `undefined` if that is unknown or the file has changed. */
  get(source: string, kind: Kind): Parsed | undefined {
    this.#entries ??= new Map(this.#file === undefined ? [] : readCacheFile<Row>(this.#file).map(entryOf))
    const key = keyOf(source, kind)
    const cached = this.#entries.get(key)
    if (cached === undefined || !isCurrent(source, cached)) return undefined
    this.#used.set(key, cached)
    return cached
  }

  /** Stores what a file holds, unless the file may change again without a new mtime. */
  set(source: string, kind: Kind, parsed: Parsed): void {
    if (parsed.changedAt > this.#settledBefore) return
    this.#used.set(keyOf(source, kind), parsed)
    this.#hasNew = true
  }

  /** Writes the cache file at the end of a build, without the entries that the build did not use. */
  save(): void {
    const used = this.#used
    if (this.#file !== undefined && (this.#hasNew || used.size !== this.#entries?.size))
      writeCacheFile(this.#file, rowsOf(used))
    this.#entries = this.#keep ? used : undefined
    this.#used = new Map()
    this.#hasNew = false
    this.#settledBefore = Date.now() - COARSEST_CLOCK
  }
}

/** Returns the key of a file. Most files hold nothing, and their key is their path, which takes no memory. */
function keyOf(source: string, kind: Kind): string {
  return kind === 'nothing' ? source : `${kind} ${source}`
}

function isCurrent(source: string, { fingerprint, changedAt }: Parsed): boolean {
  const stats = statOf(source)
  return stats !== undefined && fingerprintOf(stats) === fingerprint && stats.ctimeMs === changedAt
}

/** A row of the cache file, shorter if a file has neither references nor warnings. */
type Row = readonly [
  key: string,
  fingerprint: string,
  changedAt: number,
  hash: string,
  size: number,
  references?: Parsed['references'],
  warnings?: Parsed['warnings'],
]

function* rowsOf(entries: ReadonlyMap<string, Parsed>): Generator<Row> {
  for (const [key, { fingerprint, changedAt, hash, size, references, warnings }] of entries) {
    const found = references.length + warnings.length > 0 ? ([references, warnings] as const) : ([] as const)
    yield [key, fingerprint, changedAt, hash, size, ...found]
  }
}

function entryOf(row: Row): [string, Parsed] {
  const [key, fingerprint, changedAt, hash, size, references = [], warnings = []] = row
  return [key, { fingerprint, changedAt, hash, size, references, warnings }]
}
