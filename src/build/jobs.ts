import type { Job } from '../base/threads.ts'
import { rewriteJob } from '../hash/rewrite-component.ts'
import { parseJob } from '../references/parse.ts'
import { compressJob } from '../static-root/siblings/compressor.ts'
import { placeJob } from '../static-root/siblings/place-cached.ts'
import { writeJob } from '../static-root/write.ts'

const JOBS: readonly Job<never, never, unknown>[] = [parseJob, rewriteJob, writeJob, placeJob, compressJob]

/** Does a job for its items; the results may be promises. */
export function runJob(name: string, items: readonly unknown[], options: unknown): unknown[] {
  const job = JOBS.find(each => each.name === name)
  if (job === undefined) throw new Error(`no thread knows the job ${name}: list it in src/build/jobs.ts`)
  return items.map(item => job.run(item as never, options as never))
}
