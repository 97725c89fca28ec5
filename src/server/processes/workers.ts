import cluster, { type Address } from 'node:cluster'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onShutdown, type ServeOptions } from './http-server.ts'
import type { WorkerFailure } from './worker.ts'

/** In milliseconds: how long after its start a worker's end counts as a bad start, and the pauses before another. */
const SHORT_LIFE = 1000
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5000

/** In milliseconds: how long a worker that is to end may take; it gives its requests ten seconds. */
const PATIENCE = 12_000

/**
 * Processes that serve the same files on one port. Each accepts connections by itself: where the primary process accepts for them, as is
 * the default of Node's cluster, new connections are half as fast, and one that comes while the last worker closes is left without an
 * answer.
 */
export class Workers {
  #pause = FIRST_PAUSE
  #ending = false

  /** Resolves when all listen, or when a signal ended them before; rejects with what a worker says where one cannot start. */
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

  /** Resolves when all have ended, after a signal. */
  async ended(): Promise<void> {
    while (Object.keys(cluster.workers ?? {}).length > 0 || !this.#ending) {
      await new Promise(resolve => cluster.once('exit', resolve))
    }
  }

  /** Starts a worker, and another one whenever it ends without having been asked to. Settles as `start` does. */
  #keepOne(): Promise<Address | undefined> {
    return new Promise((resolve, reject) => {
      const fork = () => {
        if (this.#ending) return resolve(undefined)
        const born = Date.now()
        const worker = cluster.fork()
        let reason: string | undefined
        worker.once('listening', resolve)
        worker.once('message', ({ failure, code }: WorkerFailure) => {
          reason = failure
          reject(Object.assign(new Error(failure), { code }))
        })
        // What is sent to one that has just ended fails.
        worker.on('error', () => undefined)
        worker.on('exit', (code, signal) => {
          if (this.#ending) return resolve(undefined)
          const pause = Date.now() - born < SHORT_LIFE ? this.#pause : FIRST_PAUSE
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
    setTimeout(() => this.#signal('SIGKILL'), PATIENCE).unref()
  }
}

/**
 * Gives the port to listen on, some free one for 0, and rejects where it is taken: by one process it is told once, and workers that listen
 * on port 0 would be on another one when all had been replaced.
 */
async function freePort({ host, port }: ServeOptions): Promise<number> {
  const server = createServer().listen({ port, ...(host !== undefined && { host }) })
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return free
}
