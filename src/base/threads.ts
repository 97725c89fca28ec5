import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StaticFilesError, withoutPrefix } from './errors.ts'

/** In MiB: a thread keeps nothing of what it makes, so that it needs less than V8's own limit of 48. */
const YOUNG = 8

/** More threads than this wait for one another in the file system. */
const MOST_FOR_SHARING = 4

/** The built package has it; where the sources run by themselves, the main thread does everything. */
const WORKER = new URL('./worker.mjs', import.meta.url)

/**
 * What any thread can do with one item. The item, the options and the result are data that can go from one thread to
 * another.
 */
export interface Job<Item, Options, Result> {
  /** Tells another thread which job it is to do. */
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

/** The threads of this process, whoever needs them. */
let threads: Thread[] = []

/** How many need them now, or will need them again soon. */
let users = 0

/** Whether threads run, so that they help with few items too. */
export function hasThreads(): boolean {
  return threads.length > 0
}

/** Starts the threads that share many short items, unless they run. */
export function threadsForSharing(): readonly Thread[] {
  const most = Math.min(availableParallelism() - 1, MOST_FOR_SHARING)
  while (threads.length < most && startThread());
  return threads.slice(0, most)
}

/**
 * Returns the thread that has least to do, and starts another one, up to `most` of them, if all are busy. Returns
 * `undefined` if there can be none.
 */
export function leastBusyThread(most: number): Thread | undefined {
  const least = leastBusy(threads.slice(0, most))
  if (least?.waiting === 0 || threads.length >= most) return least
  return startThread() ?? least
}

function leastBusy(some: readonly Thread[]): Thread | undefined {
  return some.toSorted((one, other) => one.waiting - other.waiting)[0]
}

/** Starts no thread where the sources run by themselves. */
function startThread(): Thread | undefined {
  if (!existsSync(WORKER)) return undefined
  const thread = new Thread()
  threads.push(thread)
  return thread
}

/**
 * Keeps threads from one use to the next.
 * @returns lets go of them; threads that nobody keeps any more are ended
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

/** Bytes that come from another thread have lost their class. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Another thread, which does jobs on request. */
export class Thread {
  readonly #worker = new Worker(fileURLToPath(WORKER), {
    // Flags of this process may be none for a thread.
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  })
  readonly #waiting: { resolve(results: unknown[]): void; reject(error: unknown): void }[] = []
  #failure: Error | undefined
  /** When it has loaded what it needs; never where it cannot start. */
  readonly ready: Promise<void>

  constructor() {
    this.ready = new Promise(resolve => {
      this.#worker.on('message', (answer: Answer | undefined) => (answer ? this.#settle(answer) : resolve()))
    })
    this.#worker.on('error', error => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new StaticFilesError('a thread ended before its work was done')))
    // An idle thread does not keep the process alive. A listener that is added later would undo this.
    this.#worker.unref()
  }

  /** How many requests it has not answered yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Answers come in the order of the requests. */
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

  #settle({ results, error }: Answer): void {
    const waiting = this.#waiting.shift()
    if (this.#waiting.length === 0) this.#worker.unref()
    // Classes do not survive the way from one thread to another.
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
  /** Its name. */
  readonly job: string
  readonly items: readonly unknown[]
  readonly options: unknown
}

/** What it sends back. */
export interface Answer {
  readonly results?: unknown[]
  readonly error?: Error
}
