import { hash } from 'node:crypto'
import { readCacheFile, writeCacheFile } from '../base/files/cache-file.ts'

type Row = readonly [key: string, value: unknown]

/**
 * Keeps the results of rewriting for later builds: a file that would get the same bytes is neither read nor rendered
 * again. The key of a result is all that it depends on, so that it never becomes outdated.
 */
export class RewriteCache {
  readonly #file: string | undefined
  #saved: Map<string, unknown> | undefined
  /** What builds have used since {@link RewriteCache.start}. */
  #used = new Map<string, unknown>()
  #hasNew = false

  /** @param file the absolute path of a file that another build may read */
  constructor(file?: string) {
    this.#file = file
  }

  /** Starts a build: forgets what the previous build did not use. */
  start(): void {
    this.#saved = this.#used.size > 0 ? this.#used : undefined
    this.#used = new Map()
    this.#hasNew = false
  }

  /**
   * Returns what was kept for equal parts.
   * @param parts all that the value depends on, as JSON
   */
  get<Value>(parts: readonly unknown[]): Value | undefined {
    const key = keyOf(parts)
    this.#saved ??= new Map(this.#file === undefined ? [] : readCacheFile<Row>(this.#file))
    const value = this.#saved.get(key)
    if (value !== undefined) this.#used.set(key, value)
    return value as Value | undefined
  }

  /** @param value as JSON */
  set(parts: readonly unknown[], value: unknown): void {
    this.#used.set(keyOf(parts), value)
    this.#hasNew = true
  }

  save(): void {
    const isSaved = !this.#hasNew && this.#used.size === (this.#saved?.size ?? 0)
    if (this.#file !== undefined && !isSaved) writeCacheFile<Row>(this.#file, this.#used)
    this.#hasNew = false
    this.#saved = this.#used
  }
}

function keyOf(parts: readonly unknown[]): string {
  return hash('md5', JSON.stringify(parts))
}
