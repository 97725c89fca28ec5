import { type ScanOptions, type Source, scan } from './scan.ts'
import { type FileToWrite, type WriteOptions, writeOne } from './write.ts'

/** What other threads do, an item at a time. */
export const JOBS: Record<Job, (item: unknown, options: unknown) => unknown> = {
  scan: (item, options) => scan(item as Source, options as ScanOptions),
  write: (item, options) => writeOne(item as FileToWrite, options as WriteOptions),
}

export type Job = 'scan' | 'write'

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
