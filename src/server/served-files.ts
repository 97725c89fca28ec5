import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { Memory } from './memory.ts'
import { type ResolvedServerOptions, resolveServerOptions, type ServerOptions } from './options.ts'
import { UrlMap } from './url-map.ts'

/** How often the manifest is checked, in milliseconds. */
const PERIOD = 1000

/** The files of a static root that are served now, and the bodies that are kept of them. */
export class ServedFiles {
  readonly #options: ResolvedServerOptions
  readonly memory: Memory
  #urls: UrlMap

  /** @throws StaticFilesError if options are wrong, or the folder has no build */
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

  /** @throws StaticFilesError if the folder cannot be read: then the previous files are still served */
  reload(): void {
    this.#urls = new UrlMap(this.#options, this.#urls)
  }

  close(): void {
    const { manifest } = this.#options
    if (manifest !== false) unwatchFile(manifest, this.#onChange)
  }

  readonly #onChange = (now: Stats): void => {
    // The manifest is gone: a build empties the folder first, and writes the manifest last.
    if (now.mtimeMs === 0) return
    try {
      this.reload()
    } catch {
      // A build is still writing it, so it will change again.
    }
  }
}
