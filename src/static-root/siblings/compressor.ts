import { availableParallelism } from 'node:os'
import { asBuffer, defineJob, type Job, leastBusyThread } from '../../base/threads.ts'
import { compressHere, type Sibling, type SiblingOptions, siblingsOf } from './compress.ts'

/**
 * How many contents Node compresses at the same time, whoever asks: libuv's threads.
 * @see https://nodejs.org/api/cli.html#uv_threadpool_sizesize
 */
const NODES_THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4

/** How many cores libuv's threads leave idle. */
const OTHER_THREADS = Math.max(availableParallelism() - NODES_THREADS, 0)

/** Runs {@link siblingsOf} in a worker thread, which is busy with it meanwhile. */
export const compressJob: Job<Uint8Array, SiblingOptions, Promise<Sibling[]>> = defineJob(
  'compress',
  (bytes, options) => siblingsOf(asBuffer(bytes), options, compressHere),
)

/** How many contents Node compresses at the moment. */
let atNode = 0

/** Runs {@link siblingsOf} where there is least to do: in Node itself, or in a worker thread on an idle core. */
export async function compress(bytes: Buffer, options: SiblingOptions): Promise<Sibling[]> {
  const thread = atNode < NODES_THREADS ? undefined : leastBusyThread(OTHER_THREADS)
  if (thread && thread.waiting <= atNode / NODES_THREADS) {
    const [siblings = []] = await thread.run(compressJob, [bytes], options)
    return siblings.map(({ suffix, bytes: sent }) => ({ suffix, bytes: asBuffer(sent) }))
  }
  atNode++
  try {
    return await siblingsOf(bytes, options)
  } finally {
    atNode--
  }
}
