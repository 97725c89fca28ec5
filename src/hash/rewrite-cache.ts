import { hash } from 'node:crypto'
import { readCacheFile, writeCacheFile } from '../base/files/cache-file.ts'

type Row = readonly [key: string, value: unknown]

/**
 * Remembers what came of rewriting, for later builds: a file that would get the bytes that it has is neither read nor
 * rendered again. What is remembered belongs to all that it was made from, so that it never gets old.
 */
export class RewriteCache {
  readonly #file: string | undefined
  #saved: Map<string, unknown> | undefined
  /** By the builds since {@link RewriteCache.start}. */
  #used = new Map<string, unknown>()
  #hasNew = false

  /** @param file the absolute path of a file that another build may read */
  constructor(file?: string) {
    this.#file = file
  }

  /** Starts a build: what the one before did not use is forgotten. */
  start(): void {
    this.#saved = this.#used.size > 0 ? this.#used : undefined
    this.#used = new Map()
    this.#hasNew = false
  }

  /**
   * What was made from equal parts.
   * @param parts all that the value depends on, as JSON can say it
   */
  get<Value>(parts: readonly unknown[]): Value | undefined {
    const key = keyOf(parts)
    this.#saved ??= new Map(this.#file === undefined ? [] : readCacheFile<Row>(this.#file))
    const value = this.#saved.get(key)
    if (value !== undefined) this.#used.set(key, value)
    return value as Value | undefined
  }

  /** @param value as JSON can say it */
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
