import { readCacheFile, writeCacheFile } from '../base/files/cache-file.ts'
import { versionOf } from '../base/files/source.ts'
import { statOf } from '../base/files/stat.ts'
import type { Kind, Parsed } from './parse.ts'

/** In milliseconds: a file that changed so shortly before it was read may change again without another time. */
const COARSEST_CLOCK = 2000

/** How {@link ParseCache} remembers. */
export interface ParseCacheOptions {
  /** The absolute path of a file that another build may read. */
  readonly file?: string | undefined
  /** Whether this process builds again. */
  readonly keep?: boolean
}

/**
 * Remembers what files hold, for later builds: a file is not read again as long as inode, size, modification and
 * change times are as they were. Whatever is wrong with the cache's own file counts as if it were not there.
 */
export class ParseCache {
  readonly #file: string | undefined
  readonly #keep: boolean
  #settledBefore = Date.now() - COARSEST_CLOCK
  #entries: Map<string, Parsed> | undefined
  /** Those of this build. */
  #used = new Map<string, Parsed>()
  #hasNew = false

  constructor({ file, keep = false }: ParseCacheOptions = {}) {
    this.#file = file
    this.#keep = keep
  }

  /** What a file held when it was read last; `undefined` where that is not known, or the file has changed since. */
  get(source: string, kind: Kind): Parsed | undefined {
    this.#entries ??= new Map(this.#file === undefined ? [] : readCacheFile<Row>(this.#file).map(entryOf))
    const key = keyOf(source, kind)
    const cached = this.#entries.get(key)
    if (cached === undefined || !isCurrent(source, cached)) return undefined
    this.#used.set(key, cached)
    return cached
  }

  set(source: string, kind: Kind, parsed: Parsed): void {
    if (parsed.changedAt > this.#settledBefore) return
    this.#used.set(keyOf(source, kind), parsed)
    this.#hasNew = true
  }

  /** Ends a build: what it did not use is forgotten. */
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

/** Most files hold nothing: their key takes no memory. */
function keyOf(source: string, kind: Kind): string {
  return kind === 'nothing' ? source : `${kind} ${source}`
}

function isCurrent(source: string, { version, changedAt }: Parsed): boolean {
  const stats = statOf(source)
  return stats !== undefined && versionOf(stats) === version && stats.ctimeMs === changedAt
}

/** A line of the cache's file: nothing stands at its end where a file has neither references nor warnings. */
type Row = readonly [
  key: string,
  version: string,
  changedAt: number,
  hash: string,
  size: number,
  references?: Parsed['references'],
  warnings?: Parsed['warnings'],
]

function* rowsOf(entries: ReadonlyMap<string, Parsed>): Generator<Row> {
  for (const [key, { version, changedAt, hash, size, references, warnings }] of entries) {
    const found = references.length + warnings.length > 0 ? ([references, warnings] as const) : ([] as const)
    yield [key, version, changedAt, hash, size, ...found]
  }
}

function entryOf(row: Row): [string, Parsed] {
  const [key, version, changedAt, hash, size, references = [], warnings = []] = row
  return [key, { version, changedAt, hash, size, references, warnings }]
}
