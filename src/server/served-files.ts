import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { Memory } from './memory.ts'
import { type ResolvedServerOptions, resolveServerOptions, type ServerOptions } from './options.ts'
import { UrlMap } from './url-map.ts'

/** In milliseconds: how often a manifest is looked at. */
const PERIOD = 1000

/** The files of a static root, as they are served now. */
export class ServedFiles {
  readonly #options: ResolvedServerOptions
  readonly memory: Memory
  #urls: UrlMap

  /** @throws StaticFilesError where options are wrong, or there is no build in the folder */
  constructor(options: ServerOptions) {
    this.#options = resolveServerOptions(options)
    this.memory = new Memory(this.#options.memory)
    this.#urls = new UrlMap(this.#options)
    const { reload, manifest } = this.#options
    if (reload && manifest !== false)
      watchFile(manifest, { interval: PERIOD, persistent: false }, this.#onChange)
  }

  get urls(): UrlMap {
    return this.#urls
  }

  get staticPath(): string {
    return this.#options.staticPath
  }

  get fallthrough(): boolean {
    return this.#options.fallthrough
  }

  /** @throws StaticFilesError where the folder cannot be read; it stays served as it was */
  reload(): void {
    this.#urls = new UrlMap(this.#options, this.#urls)
  }

  close(): void {
    const { manifest } = this.#options
    if (manifest !== false) unwatchFile(manifest, this.#onChange)
  }

  readonly #onChange = (now: Stats): void => {
    // A build empties the folder first, and writes the manifest last.
    if (now.mtimeMs === 0) return
    try {
      this.reload()
    } catch {
      // Somebody writes it: it will change again.
    }
  }
}
