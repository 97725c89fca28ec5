import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StaticFilesError, withoutPrefix } from './errors.ts'

/** Of fewer items the main thread alone makes an end before another thread has started; one that runs helps with few. */
const FEWEST_ITEMS = 200

/** In items: enough that messages cost little. */
const LONGEST_CHUNK = 32

/** In milliseconds: what a chunk is to take. */
const CHUNK_TIME = 10

/** In MiB: a thread keeps nothing of what it makes, so that it needs less than V8's own limit of 48. */
const YOUNG = 8

/** More threads than this wait for one another in the file system. */
const MOST_THREADS = 4

/** The built package has it; where the sources run by themselves, the main thread does everything. */
const WORKER = new URL('./worker.mjs', import.meta.url)

let threads: Thread[] | undefined

/** How many need them now, or will need them again soon. */
let users = 0

/** Work for several threads. */
export interface Shared<Item, Result> {
  readonly job: Job
  readonly items: readonly Item[]
  /** Handed to the job. */
  readonly options: unknown
  /** What another thread is sent of an item. */
  send(item: Item): unknown
  /** What this thread does in place of the job. */
  here(item: Item): Result
  /** Items that this thread alone can do, before it helps with the others. */
  readonly own?: readonly Item[]
}

/**
 * Does a job for many items, in other threads and in this one; the results keep the order of the items. Other threads
 * begin with the first items, this one with the last. After a failure nothing more is started, and what is under way is
 * finished before the first failure is thrown.
 */
export async function share<Item, Result>(work: Shared<Item, Result>): Promise<Result[]> {
  const { job, items, options, send, here, own = [] } = work
  const others = items.length < (threads ? 2 : FEWEST_ITEMS) ? [] : startThreads()
  const left = new Left(items.length, others.length + 1)
  const results: Result[] = new Array(items.length)
  const failures: unknown[] = []
  const fail = (error: unknown) => {
    failures.push(error)
    left.drop()
  }

  async function feed(thread: Thread): Promise<void> {
    for (let length = 1; left.some; ) {
      const [start, end] = left.takeFirst(length)
      const began = performance.now()
      const done = await thread.run(job, items.slice(start, end).map(send), options)
      length = nextLength(end - start, performance.now() - began)
      for (const [index, result] of done.entries()) results[start + index] = result as Result
    }
  }
  async function workHere(): Promise<void> {
    for (let index = 0; index < own.length && failures.length === 0; index++) {
      here(own[index]!)
      if (index % LONGEST_CHUNK === 0) await setImmediate()
    }
    for (let length = 1; left.some; ) {
      const [start, end] = left.takeLast(length)
      const began = performance.now()
      for (let index = start; index < end; index++) results[index] = here(items[index] as Item)
      length = nextLength(end - start, performance.now() - began)
      // Other threads are handed more work in between.
      await setImmediate()
    }
  }
  const release = keepThreads()
  const feeds: Promise<void>[] = []
  // This thread may be done before another has started. Two chunks each, so that none waits for the next one.
  for (const thread of others)
    void thread.ready.then(() => feeds.push(feed(thread).catch(fail), feed(thread).catch(fail)))
  await workHere().catch(fail)
  await Promise.all(feeds)
  await release()
  if (failures.length > 0) throw failures[0]
  return results
}

/** The items that nobody has taken yet, as the indices of the first and of the one behind the last. */
class Left {
  #first = 0
  #end: number
  readonly #takers: number

  constructor(length: number, takers: number) {
    this.#end = length
    this.#takers = takers
  }

  get some(): boolean {
    return this.#first < this.#end
  }

  takeFirst(length: number): readonly [start: number, end: number] {
    const start = this.#first
    this.#first += this.#fair(length)
    return [start, this.#first]
  }

  takeLast(length: number): readonly [start: number, end: number] {
    const end = this.#end
    this.#end -= this.#fair(length)
    return [this.#end, end]
  }

  drop(): void {
    this.#first = this.#end
  }

  /** Towards the end chunks become shorter, so that all end at about the same time. */
  #fair(length: number): number {
    return Math.min(length, Math.ceil((this.#end - this.#first) / 2 / this.#takers))
  }
}

/** Items differ much in the time that they take, but mostly not from their neighbours. */
function nextLength(items: number, milliseconds: number): number {
  const fitting = Math.round((items * CHUNK_TIME) / milliseconds)
  return Math.max(1, Math.min(fitting, 4 * items, LONGEST_CHUNK))
}

function startThreads(): readonly Thread[] {
  if (threads === undefined) {
    threads = makeThreads(Math.min(availableParallelism() - 1, MOST_THREADS))
  }
  return threads
}

/** None where the sources run by themselves. */
export function makeThreads(count: number): Thread[] {
  return Array.from({ length: existsSync(WORKER) ? count : 0 }, () => new Thread())
}

/**
 * Keeps threads from one {@link share} to the next.
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
  const ending = threads ?? []
  threads = undefined
  await Promise.all(ending.map(thread => thread.end()))
}

/** Bytes that come from another thread have lost their class. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Another thread, which does {@link JOBS} on request. */
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

  /** Answers come in the order of the requests. */
  run(job: Job, items: readonly unknown[], options: unknown): Promise<unknown[]> {
    if (this.#failure) return Promise.reject(this.#failure)
    const request: Request = { job, items, options }
    this.#worker.ref()
    this.#worker.postMessage(request)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
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

export type Job = 'parse' | 'rewrite' | 'compress' | 'place' | 'write'

/** What a thread is sent. */
export interface Request {
  readonly job: Job
  readonly items: readonly unknown[]
  readonly options: unknown
}

/** What it sends back. */
export interface Answer {
  readonly results?: unknown[]
  readonly error?: Error
}
