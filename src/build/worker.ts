import { parentPort } from 'node:worker_threads'
import type { Answer, Request } from '../base/threads.ts'
import { runJob } from './jobs.ts'

parentPort?.on('message', async (request: Request) => parentPort?.postMessage(await answerTo(request)))

// It has loaded what it needs.
parentPort?.postMessage(undefined)

async function answerTo({ job, items, options }: Request): Promise<Answer> {
  try {
    return { results: await Promise.all(runJob(job, items, options)) }
  } catch (error) {
    return { error: error as Error }
  }
}
