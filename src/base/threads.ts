import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StaticFilesError, withoutPrefix } from './errors.ts'

/** In MiB: a thread keeps no results, so it needs less than V8's own limit of 48. */
const YOUNG = 8

/** More threads than these would wait for one another in the file system. */
const MOST_FOR_SHARING = 4

/** Exists in the built package; if the sources run unbuilt, the main thread does everything. */
const WORKER = new URL('./worker.mjs', import.meta.url)

/**
 * What any thread can do with one item. The item, the options and the result are plain data, which threads can
 * exchange.
 */
export interface Job<Item, Options, Result> {
  /** Tells another thread which job to do. */
  readonly name: string
  run(item: Item, options: Options): Result
}

/** Names a job; `build/jobs.ts` lists all that other threads know. */
export function defineJob<Item, Options, Result>(
  name: string,
  run: (item: Item, options: Options) => Result,
): Job<Item, Options, Result> {
  return { name, run }
}

/** The worker threads of this process, whoever needs them. */
let threads: Thread[] = []

/** How many users need the threads now, or will need them again soon. */
let users = 0

/** Tells whether threads run already, so that they help even with few items. */
export function hasThreads(): boolean {
  return threads.length > 0
}

/** Returns the threads that share many short items; starts those that do not run yet. */
export function threadsForSharing(): readonly Thread[] {
  const most = Math.min(availableParallelism() - 1, MOST_FOR_SHARING)
  while (threads.length < most && startThread());
  return threads.slice(0, most)
}

/**
 * Returns the thread that has least to do; if all are busy, starts another one, up to `most` of them. Returns
 * `undefined` if no thread can run.
 */
export function leastBusyThread(most: number): Thread | undefined {
  const least = leastBusy(threads.slice(0, most))
  if (least?.waiting === 0 || threads.length >= most) return least
  return startThread() ?? least
}

function leastBusy(some: readonly Thread[]): Thread | undefined {
  return some.toSorted((one, other) => one.waiting - other.waiting)[0]
}

/** Starts a thread, unless the sources run unbuilt. */
function startThread(): Thread | undefined {
  if (!existsSync(WORKER)) return undefined
  const thread = new Thread()
  threads.push(thread)
  return thread
}

/**
 * Keeps threads from one use to the next.
 * @returns a function that lets them go; threads that nobody keeps any more are ended
 */
export function keepThreads(): () => Promise<void> {
  users++
  let isKept = true
  return async () => {
    if (!isKept) return
    isKept = false
    users--
    if (users === 0) await endThreads()
  }
}

async function endThreads(): Promise<void> {
  const ending = threads
  threads = []
  await Promise.all(ending.map(thread => thread.end()))
}

/** Returns the bytes as a `Buffer` again: on the way from another thread they lose their class. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** A worker thread, which does jobs on request. */
export class Thread {
  readonly #worker = new Worker(fileURLToPath(WORKER), {
    // A thread may not accept the flags of this process.
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  })
  readonly #waiting: { resolve(results: unknown[]): void; reject(error: unknown): void }[] = []
  #failure: Error | undefined
  /** Resolves when the thread has loaded its code; never if it cannot start. */
  readonly ready: Promise<void>

  constructor() {
    this.ready = new Promise(resolve => {
      this.#worker.on('message', (outcome: Outcome | undefined) =>
        outcome ? this.#settle(outcome) : resolve(),
      )
    })
    this.#worker.on('error', error => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new StaticFilesError('a thread ended before its work was done')))
    // An idle thread does not keep the process alive. A listener added later would undo this.
    this.#worker.unref()
  }

  /** How many requests it has not finished yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Does a job for items. Requests finish in their order. */
  run<Item, Options, Result>(
    job: Job<Item, Options, Result>,
    items: readonly Item[],
    options: Options,
  ): Promise<Awaited<Result>[]> {
    if (this.#failure) return Promise.reject(this.#failure)
    const request: Request = { job: job.name, items, options }
    this.#worker.ref()
    this.#worker.postMessage(request)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve: results => resolve(results as Awaited<Result>[]), reject })
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle({ results, error }: Outcome): void {
    const waiting = this.#waiting.shift()
    if (this.#waiting.length === 0) this.#worker.unref()
    // The error has lost its class on the way from the thread.
    if (error) waiting?.reject(new StaticFilesError(withoutPrefix(error), { cause: error.cause }))
    else waiting?.resolve(results ?? [])
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}

/** What a thread is sent. */
export interface Request {
  /** The job's name. */
  readonly job: string
  readonly items: readonly unknown[]
  readonly options: unknown
}

/** What a thread sends back. */
export interface Outcome {
  readonly results?: unknown[]
  readonly error?: Error
}
