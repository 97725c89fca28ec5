import { availableParallelism } from 'node:os'
import { asBuffer, defineJob, type Job, leastBusyThread } from '../../base/threads.ts'
import { compressHere, type Sibling, type SiblingOptions, siblingsOf } from './compress.ts'

/**
 * How many contents Node compresses at the same time, whoever asks: libuv's threads.
 * @see https://nodejs.org/api/cli.html#uv_threadpool_sizesize
 */
const NODES_THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4

/** Those of the processors that libuv's threads leave idle. */
const OTHER_THREADS = Math.max(availableParallelism() - NODES_THREADS, 0)

/** {@link siblingsOf} in another thread, which is busy with it meanwhile. */
export const compressJob: Job<Uint8Array, SiblingOptions, Promise<Sibling[]>> = defineJob(
  'compress',
  (bytes, options) => siblingsOf(asBuffer(bytes), options, compressHere),
)

/** How many contents Node compresses now. */
let atNode = 0

/** {@link siblingsOf} a content, by whoever has least to do: Node itself, or a thread on a processor beyond Node's. */
export async function compress(bytes: Buffer, options: SiblingOptions): Promise<Sibling[]> {
  const thread = atNode < NODES_THREADS ? undefined : leastBusyThread(OTHER_THREADS)
  if (thread && thread.waiting <= atNode / NODES_THREADS) {
    const [made = []] = await thread.run(compressJob, [bytes], options)
    return made.map(({ suffix, bytes: sent }) => ({ suffix, bytes: asBuffer(sent) }))
  }
  atNode++
  try {
    return await siblingsOf(bytes, options)
  } finally {
    atNode--
  }
}
