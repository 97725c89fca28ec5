import { parentPort } from 'node:worker_threads'
import type { Outcome, Request } from '../base/threads.ts'
import { runJob } from './jobs.ts'

parentPort?.on('message', async (request: Request) => parentPort?.postMessage(await outcomeOf(request)))

// Says that this thread has loaded its code.
parentPort?.postMessage(undefined)

async function outcomeOf({ job, items, options }: Request): Promise<Outcome> {
  try {
    return { results: await Promise.all(runJob(job, items, options)) }
  } catch (error) {
    return { error: error as Error }
  }
}
