import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { withoutPrefix } from '../../base/errors.ts'
import { createStaticHandler, type StaticHandler } from '../handler.ts'
import type { ServerOptions } from '../options.ts'

/** What a server process is started with; it passes between processes as JSON. */
export interface ServeOptions {
  readonly files: ServerOptions & { readonly staticUrl: string }
  readonly port: number
  /** `undefined` is every address of the machine. */
  readonly host: string | undefined
  /**
   * In milliseconds: how long a client may neither send nor take a byte.
   * @default 60000, as nginx has it
   */
  readonly idleTimeout?: number
  /**
   * In milliseconds: how long requests under way may take once the server is to end.
   * @default 10000
   */
  readonly drainTimeout?: number
}

/**
 * V8 lets its space for young objects grow to 32 MiB, or 64 in Node 24. The bodies that are kept make it grow, and nothing gets
 * faster: docs/server.md has the figures. Unlike a limit of the space this can still be set when the process runs.
 */
const KEEP_YOUNG_SPACE_SMALL = '--semi-space-growth-factor=1'

/** An HTTP server with nothing but static files, in a process of its own. */
export class StaticServer {
  readonly #handler: StaticHandler
  readonly #server: Server
  readonly #drainTimeout: number

  /** @throws StaticFilesError where there is no build in the folder */
  constructor({ files, idleTimeout = 60_000, drainTimeout = 10_000 }: ServeOptions) {
    setFlagsFromString(KEEP_YOUNG_SPACE_SMALL)
    this.#handler = createStaticHandler({ ...files, reload: true })
    this.#server = createServer((req, res) => this.#handler(req, res))
    this.#server.setTimeout(idleTimeout)
    this.#drainTimeout = drainTimeout
  }

  /** Rejects where the port cannot be listened on. */
  listen({ port, host }: ServeOptions): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, ...(host !== undefined && { host }) }, () =>
        resolve(this.#server.address() as AddressInfo),
      )
    })
  }

  /** Serves the build that is in the folder now; says so where there is none, and goes on. */
  reload(): void {
    try {
      this.#handler.reload()
    } catch (error) {
      console.error(`staticfiles: the build of before stays: ${withoutPrefix(error as Error)}`)
    }
  }

  /** Takes no more connections, and finishes the requests that are under way, within its patience. */
  async drain(): Promise<void> {
    this.#handler.close()
    const closed = new Promise(resolve => this.#server.close(resolve))
    // A connection that is kept alive is idle again once its request is answered.
    const idle = setInterval(() => this.#server.closeIdleConnections(), 50)
    const end = setTimeout(() => this.#server.closeAllConnections(), this.#drainTimeout)
    await closed
    clearInterval(idle)
    clearTimeout(end)
  }
}

/** Calls `work` once, at the first signal that asks a process to end. */
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
