import { parentPort } from 'node:worker_threads'
import { type Answer, JOBS, type Request } from './jobs.ts'

parentPort?.on('message', ({ job, items, options }: Request) => {
  parentPort?.postMessage(answerOf(() => items.map(item => JOBS[job](item, options))))
})

function answerOf(work: () => unknown[]): Answer {
  try {
    return { results: work() }
  } catch (error) {
    return { error: error as Error }
  }
}
