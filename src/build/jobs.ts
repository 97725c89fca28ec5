import { asBuffer, type Job } from '../base/threads.ts'
import { type Component, type RewriteOptions, rewriteComponent } from '../hash/rewrite-component.ts'
import { type ParseOptions, parseFile, type Source } from '../references/parse.ts'
import type { FileToWrite, WriteOptions } from '../static-root/output-file.ts'
import { compressHere, type SiblingOptions, siblingsOf } from '../static-root/siblings/compress.ts'
import { type KnownSiblings, type PlaceJob, placeFromCache } from '../static-root/siblings/place-cached.ts'
import { writeOne } from '../static-root/write.ts'

/** What other threads do, an item at a time; the answer may be a promise. */
export const JOBS: Record<Job, (item: unknown, options: unknown) => unknown> = {
  parse: (item, options) => parseFile(item as Source, options as ParseOptions),
  compress: (item, options) =>
    siblingsOf(asBuffer(item as Uint8Array), options as SiblingOptions, compressHere),
  rewrite: (item, options) =>
    rewriteComponent(item as Component & { keeps: boolean }, options as RewriteOptions),
  place: (item, options) => placeFromCache(item as PlaceJob, options as KnownSiblings),
  write: (item, options) => writeOne(item as FileToWrite, options as WriteOptions),
}
