import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { withoutPrefix } from '../../base/errors.ts'
import { createStaticHandler, type StaticHandler } from '../handler.ts'
import type { ServerOptions } from '../options.ts'

/** The options of a server process; they are passed on to it as JSON. */
export interface ServeOptions {
  readonly files: ServerOptions & { readonly staticUrl: string }
  readonly port: number
  /** The address to listen on; `undefined` for every address of the machine. */
  readonly host: string | undefined
  /**
   * How long a client may neither send nor receive a byte, in milliseconds.
   * @default 60000, which is nginx's default too
   */
  readonly idleTimeout?: number
  /**
   * How long requests in progress may still take when the server shuts down, in milliseconds.
   * @default 10000
   */
  readonly drainTimeout?: number
}

/**
 * Stops V8 from growing its space for young objects, which may reach 32 MiB, or 64 in Node 24. Cached bodies make it grow, and
 * nothing gets faster: docs/server.md has the figures. Unlike a limit of the space, this flag can still be set at run time.
 */
const KEEP_YOUNG_SPACE_SMALL = '--semi-space-growth-factor=1'

/** An HTTP server for static files alone, in a process of its own. */
export class StaticServer {
  readonly #handler: StaticHandler
  readonly #server: Server
  readonly #drainTimeout: number

  /** @throws StaticFilesError if the folder has no build */
  constructor({ files, idleTimeout = 60_000, drainTimeout = 10_000 }: ServeOptions) {
    setFlagsFromString(KEEP_YOUNG_SPACE_SMALL)
    this.#handler = createStaticHandler({ ...files, reload: true })
    this.#server = createServer((req, res) => this.#handler(req, res))
    this.#server.setTimeout(idleTimeout)
    this.#drainTimeout = drainTimeout
  }

  /** Rejects if the server cannot listen on the port. */
  listen({ port, host }: ServeOptions): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, ...(host !== undefined && { host }) }, () =>
        resolve(this.#server.address() as AddressInfo),
      )
    })
  }

  /** Serves the build that is in the folder now. Without one, it prints an error and serves the previous files. */
  reload(): void {
    try {
      this.#handler.reload()
    } catch (error) {
      console.error(`staticfiles: the previous build is still served: ${withoutPrefix(error as Error)}`)
    }
  }

  /** Accepts no more connections, and finishes the requests in progress, within `drainTimeout`. */
  async drain(): Promise<void> {
    this.#handler.close()
    const closed = new Promise(resolve => this.#server.close(resolve))
    // A keep-alive connection becomes idle when its response has been sent.
    const idle = setInterval(() => this.#server.closeIdleConnections(), 50)
    const end = setTimeout(() => this.#server.closeAllConnections(), this.#drainTimeout)
    await closed
    clearInterval(idle)
    clearTimeout(end)
  }
}

/** Calls `work` once, at the first signal that asks the process to end. */
export function onShutdown(work: () => void): void {
  let asked = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) return
      asked = true
      work()
    })
  }
}
