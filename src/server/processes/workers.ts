import cluster, { type Address } from 'node:cluster'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onShutdown, type ServeOptions } from './http-server.ts'
import type { WorkerFailure } from './worker.ts'

/** A worker process that ends within `SHORT_LIFE` failed to start; the pauses before its replacement grow. In milliseconds. */
const SHORT_LIFE = 1000
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5000

/** How long a worker process may take to shut down, in milliseconds; it gives its requests ten seconds. */
const SHUTDOWN_TIMEOUT = 12_000

/**
 * Processes that serve the same files on one port. Each accepts its own connections. If the primary process accepts them, which is the
 * default of Node's cluster, new connections are half as fast, and one that arrives while the last worker closes never gets a
 * response.
 */
export class Workers {
  #pause = FIRST_PAUSE
  #ending = false

  /** Resolves when all processes listen, or a signal has ended them; rejects with a worker's error if it cannot start. */
  async start(count: number, options: ServeOptions): Promise<Address | undefined> {
    cluster.schedulingPolicy = cluster.SCHED_NONE
    process.on('SIGHUP', () => this.#signal('SIGHUP'))
    onShutdown(() => this.#end())
    const port = await freePort(options)
    const exec = fileURLToPath(new URL('./serve-worker.mjs', import.meta.url))
    cluster.setupPrimary({ exec, args: [JSON.stringify({ ...options, port })] })
    try {
      const addresses = await Promise.all(Array.from({ length: count }, () => this.#keepOne()))
      return addresses[0]
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** Resolves when all processes have ended after a signal. */
  async ended(): Promise<void> {
    while (Object.keys(cluster.workers ?? {}).length > 0 || !this.#ending) {
      await new Promise(resolve => cluster.once('exit', resolve))
    }
  }

  /** Starts a worker process, and another one whenever it ends on its own. It settles like `start`. */
  #keepOne(): Promise<Address | undefined> {
    return new Promise((resolve, reject) => {
      const fork = () => {
        if (this.#ending) return resolve(undefined)
        const startedAt = Date.now()
        const worker = cluster.fork()
        let reason: string | undefined
        worker.once('listening', resolve)
        worker.once('message', ({ failure, code }: WorkerFailure) => {
          reason = failure
          reject(Object.assign(new Error(failure), { code }))
        })
        // A message to a process that has just ended fails.
        worker.on('error', () => undefined)
        worker.on('exit', (code, signal) => {
          if (this.#ending) return resolve(undefined)
          const pause = Date.now() - startedAt < SHORT_LIFE ? this.#pause : FIRST_PAUSE
          this.#pause = Math.min(pause * 2, LONGEST_PAUSE)
          console.error(
            `staticfiles: worker ${worker.process.pid} ended (${reason ?? signal ?? code}): another one starts`,
          )
          setTimeout(fork, pause)
        })
      }
      fork()
    })
  }

  #signal(signal: NodeJS.Signals): void {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal)
  }

  #end(): void {
    this.#ending = true
    this.#signal('SIGTERM')
    setTimeout(() => this.#signal('SIGKILL'), SHUTDOWN_TIMEOUT).unref()
  }
}

/**
 * Returns the port to listen on, a free one for 0, and rejects if it is in use. One process reports that once, and workers that listen
 * on port 0 would get another port after all of them had been replaced.
 */
async function freePort({ host, port }: ServeOptions): Promise<number> {
  const server = createServer().listen({ port, ...(host !== undefined && { host }) })
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return free
}
