import type { Targets } from 'lightningcss'
import { cacheFile } from '../base/files/cache-file.ts'
import type { PipelineLog } from '../base/log.ts'
import { RewriteCache } from '../hash/rewrite-cache.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { ParseCache } from '../references/parse-cache.ts'

/** What a build needs before it starts. */
export interface PipelineSetup {
  readonly options: ResolvedOptions
  /** The browsers that lightningcss writes for. */
  readonly targets: Targets | undefined
  readonly log: PipelineLog
  readonly caches: Caches
}

/** What a build keeps for the next one. */
export interface Caches {
  readonly parsed: ParseCache
  readonly rewritten: RewriteCache
}

/**
 * Opens the caches of a project; a dry run leaves nothing on the disk.
 * @param cacheDir Vite's `cacheDir`
 * @param watch whether this process builds again
 */
export function openCaches(options: ResolvedOptions, cacheDir: string, watch: boolean): Caches {
  const { root, js, css, hash, dryRun } = options
  const fileOf = (name: string, ...kind: unknown[]) =>
    dryRun ? undefined : cacheFile(cacheDir, name, [root, ...kind])
  return {
    parsed: new ParseCache({ file: fileOf('parsed', js), keep: watch }),
    rewritten: new RewriteCache(fileOf('rewritten', js, css, hash)),
  }
}
