import { availableParallelism } from 'node:os'
import { asBuffer, makeThreads, type Thread } from '../../base/threads.ts'
import { type Sibling, type SiblingOptions, siblingsOf } from './compress.ts'

/**
 * How many contents Node compresses at the same time, whoever asks: libuv's threads.
 * @see https://nodejs.org/api/cli.html#uv_threadpool_sizesize
 */
const NODES_THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4

/** Who compresses a content. */
interface Worker {
  /** At the same time. */
  readonly most: number
  busy: number
  siblings(bytes: Buffer): Promise<Sibling[]>
}

/** Compresses contents on all processors, though Node itself uses four: more threads start when there is work for them. */
export class Compressor {
  readonly #options: SiblingOptions
  readonly #mostThreads = availableParallelism() - NODES_THREADS
  readonly #threads: Thread[] = []
  readonly #workers: Worker[]

  constructor({ encodings, levels, maxRatio }: SiblingOptions) {
    this.#options = { encodings, levels, maxRatio }
    const siblings = (bytes: Buffer) => siblingsOf(bytes, this.#options)
    this.#workers = [{ most: NODES_THREADS, busy: 0, siblings }]
  }

  /** {@link siblingsOf} a content, by whoever has least to do. */
  async siblings(bytes: Buffer): Promise<Sibling[]> {
    const worker = this.#freeWorker()
    worker.busy++
    try {
      return await worker.siblings(bytes)
    } finally {
      worker.busy--
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.end()))
  }

  #freeWorker(): Worker {
    const load = ({ busy, most }: Worker) => busy / most
    const least = this.#workers.reduce((least, each) => (load(each) < load(least) ? each : least))
    const isFree = load(least) < 1 || this.#threads.length >= this.#mostThreads
    return isFree ? least : (this.#addThread() ?? least)
  }

  #addThread(): Worker | undefined {
    const [thread] = makeThreads(1)
    if (thread === undefined) return undefined
    this.#threads.push(thread)
    const siblings = async (bytes: Buffer) => {
      const [made] = await thread.run('compress', [bytes], this.#options)
      return (made as Sibling[]).map(({ suffix, bytes: sent }) => ({ suffix, bytes: asBuffer(sent) }))
    }
    const worker = { most: 1, busy: 0, siblings }
    this.#workers.push(worker)
    return worker
  }
}
