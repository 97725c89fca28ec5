import cluster, { type Address, type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { onEnd, type ServeOptions } from './http-server.ts'
import type { WorkerFailure } from './worker.ts'

/** In milliseconds: how long after its start a worker's end counts as a bad start, and the pauses before another. */
const SHORT_LIFE = 1000
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5000

/** In milliseconds: how long a worker that is to end may take; it gives its requests ten seconds. */
const PATIENCE = 12_000

/** Processes that serve the same files on one port. */
export class Workers {
  #pause = FIRST_PAUSE
  #ending = false
  #started = false

  /** Starts them. Rejects with what a worker says where one cannot start. */
  start(count: number, options: ServeOptions): Promise<Address> {
    const exec = fileURLToPath(new URL('./serve-worker.mjs', import.meta.url))
    cluster.setupPrimary({ exec, args: [JSON.stringify(options)] })
    process.on('SIGHUP', () => this.#signal('SIGHUP'))
    onEnd(() => this.#end())
    return new Promise((resolve, reject) => {
      let listening = 0
      const onListening = (_: Worker, address: Address) => {
        if (++listening < count) return
        cluster.off('listening', onListening)
        this.#started = true
        // With port 0 a later worker would listen on another one.
        cluster.setupPrimary({ exec, args: [JSON.stringify({ ...options, port: address.port })] })
        resolve(address)
      }
      cluster.on('listening', onListening)
      cluster.on('message', (_, message: WorkerFailure) => {
        if (this.#started || message?.failure === undefined) return
        this.#end()
        reject(Object.assign(new Error(message.failure), { code: message.code }))
      })
      for (let number = 0; number < count; number++) this.#fork()
    })
  }

  /** Resolves when all have ended, after a signal. */
  async ended(): Promise<void> {
    while (Object.keys(cluster.workers ?? {}).length > 0 || !this.#ending) {
      await new Promise(resolve => cluster.once('exit', resolve))
    }
  }

  #fork(): void {
    if (this.#ending) return
    const born = Date.now()
    const worker = cluster.fork()
    worker.on('exit', (code, signal) => {
      if (this.#ending) return
      const pause = Date.now() - born < SHORT_LIFE ? this.#pause : FIRST_PAUSE
      this.#pause = Math.min(pause * 2, LONGEST_PAUSE)
      console.error(`staticfiles: worker ${worker.process.pid} ended (${signal ?? code}): another one starts`)
      setTimeout(() => this.#fork(), pause)
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
