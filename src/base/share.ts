import { setImmediate } from 'node:timers/promises'
import { hasThreads, type Job, keepThreads, type Thread, threadsForSharing } from './threads.ts'

/** With fewer items the main thread finishes before a worker thread has started; one that runs already still helps. */
const FEWEST_ITEMS = 200

/** In items: long enough that messages cost little. */
const LONGEST_CHUNK = 32

/** In milliseconds: how long a chunk should take. */
const CHUNK_TIME = 10

/** How items are passed to a job. */
export interface Sharing<Item, Sent> {
  /** Returns what the job takes for an item; called once for each, in this thread. */
  send(item: Item): Sent
  /** Items that only this thread can do, before it helps with the others; their results are dropped. */
  readonly own?: readonly Item[]
}

/**
 * Does a job for many items, in worker threads and in this one; the results keep the order of the items. Worker threads
 * begin with the first items, this thread with the last. After a failure no item is started, and running ones finish
 * before the first failure is thrown.
 */
export async function share<Item, Sent, Options, Result>(
  job: Job<Sent, Options, Result>,
  items: readonly Item[],
  options: Options,
  { send, own = [] }: Sharing<Item, Sent>,
): Promise<Result[]> {
  const others = items.length < (hasThreads() ? 2 : FEWEST_ITEMS) ? [] : threadsForSharing()
  const left = new Left(items.length, others.length + 1)
  const results: Result[] = new Array(items.length)
  const failures: unknown[] = []
  const fail = (error: unknown) => {
    failures.push(error)
    left.drop()
  }
  const here = (item: Item) => job.run(send(item), options)

  async function feed(thread: Thread): Promise<void> {
    for (let length = 1; left.some; ) {
      const [start, end] = left.takeFirst(length)
      const began = performance.now()
      const done = await thread.run(job, items.slice(start, end).map(send), options)
      length = nextLength(end - start, performance.now() - began)
      for (const [index, result] of done.entries()) results[start + index] = result
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
      // Lets other threads get more work in between.
      await setImmediate()
    }
  }
  const release = keepThreads()
  const feeds: Promise<void>[] = []
  // This thread may be done before a worker has started. Each worker gets two chunks, so that it never waits for one.
  for (const thread of others)
    void thread.ready.then(() => feeds.push(feed(thread).catch(fail), feed(thread).catch(fail)))
  await workHere().catch(fail)
  await Promise.all(feeds)
  await release()
  if (failures.length > 0) throw failures[0]
  return results
}

/** Keeps which items nobody has taken yet: the indices of the first and of the one after the last. */
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

  /** Shortens chunks towards the end, so that all threads finish at about the same time. */
  #fair(length: number): number {
    return Math.min(length, Math.ceil((this.#end - this.#first) / 2 / this.#takers))
  }
}

/** Guesses from the last chunk: the times of items differ much, but mostly not from those of their neighbours. */
function nextLength(items: number, milliseconds: number): number {
  const fitting = Math.round((items * CHUNK_TIME) / milliseconds)
  return Math.max(1, Math.min(fitting, 4 * items, LONGEST_CHUNK))
}
