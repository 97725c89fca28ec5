import { type ParseOptions, parseFile, type Source } from './parse.ts'
import { type FileToWrite, type WriteOptions, writeOne } from './write.ts'

/** What other threads do, an item at a time. */
export const JOBS: Record<Job, (item: unknown, options: unknown) => unknown> = {
  parse: (item, options) => parseFile(item as Source, options as ParseOptions),
  write: (item, options) => writeOne(item as FileToWrite, options as WriteOptions),
}

export type Job = 'parse' | 'write'

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
