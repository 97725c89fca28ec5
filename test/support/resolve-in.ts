import { findApps } from '../../src/finders/apps.ts'
import type { Options } from '../../src/options/options.ts'
import { type ResolvedOptions, resolve } from '../../src/options/resolve.ts'
import { checkOptions } from '../../src/options/validate.ts'

/** Validates and resolves options in a root of which Vite says nothing else. */
export function resolveIn(root: string, options: Options): ResolvedOptions {
  checkOptions(options)
  return resolve(options, { root, outDir: undefined, cssMinify: false }, findApps(options.apps ?? [], root))
}
