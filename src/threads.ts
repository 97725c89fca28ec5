import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StaticFilesError, withoutPrefix } from './errors.ts'
import type { Answer, Job, Request } from './jobs.ts'

/** Of fewer items the main thread alone makes an end before another thread has started. */
const FEWEST_ITEMS = 200

/** Small enough that all threads end at about the same time, large enough that messages cost little. */
const CHUNK = 32

/** More threads than this wait for one another in the file system. */
const MOST_THREADS = 4

/** The built package has it; where the sources run by themselves, the main thread does everything. */
const WORKER = new URL('./worker.mjs', import.meta.url)

let threads: Thread[] | undefined

/** How many builds of this process use them now. */
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
  const results: Result[] = new Array(items.length)
  const failures: unknown[] = []
  let first = 0
  let end = items.length
  const isDone = () => first >= end || failures.length > 0
  const fail = (error: unknown) => void failures.push(error)

  async function feed(thread: Thread): Promise<void> {
    while (!isDone()) {
      const start = first
      first = Math.min(end, start + CHUNK)
      const done = await thread.run(job, items.slice(start, first).map(send), options)
      for (const [index, result] of done.entries()) results[start + index] = result as Result
    }
  }
  async function workHere(): Promise<void> {
    for (let index = 0; index < own.length && failures.length === 0; index++) {
      here(own[index]!)
      if (index % CHUNK === 0) await setImmediate()
    }
    while (!isDone()) {
      const start = Math.max(first, end - CHUNK)
      const until = end
      end = start
      for (let index = start; index < until; index++) results[index] = here(items[index] as Item)
      // Other threads are handed more work in between.
      await setImmediate()
    }
  }
  // Two chunks each, so that no thread waits for the next one.
  const others = items.length < FEWEST_ITEMS ? [] : startThreads()
  users++
  const feeds = others.flatMap(thread => [feed(thread), feed(thread)])
  await Promise.all([...feeds, workHere()].map(promise => promise.catch(fail)))
  users--
  if (failures.length > 0) throw failures[0]
  return results
}

function startThreads(): readonly Thread[] {
  if (threads === undefined) {
    const count = existsSync(WORKER) ? Math.min(availableParallelism() - 1, MOST_THREADS) : 0
    threads = Array.from({ length: count }, () => new Thread())
  }
  return threads
}

/** Ends the threads, unless another build is using them: what they hold in memory is of no use after a build. */
export async function endThreads(): Promise<void> {
  if (users > 0) return
  const ending = threads ?? []
  threads = undefined
  await Promise.all(ending.map(thread => thread.end()))
}

class Thread {
  // Flags of this process may be none for a thread.
  readonly #worker = new Worker(fileURLToPath(WORKER), { execArgv: [] })
  readonly #waiting: { resolve(results: unknown[]): void; reject(error: unknown): void }[] = []

  constructor() {
    // An idle thread does not keep the process alive.
    this.#worker.unref()
    this.#worker.on('message', answer => this.#settle(answer))
    this.#worker.on('error', error => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new StaticFilesError('a thread ended before its work was done')))
  }

  /** Answers come in the order of the requests. */
  run(job: Job, items: readonly unknown[], options: unknown): Promise<unknown[]> {
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

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
