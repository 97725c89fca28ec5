import path from 'node:path'
import { ENCODINGS, originalOf, type Suffix } from '../base/encodings.ts'
import type { BuildPlan, BuildResult } from '../build/plan.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { possibleSiblings } from '../static-root/releases/files.ts'
import { startRelease } from '../static-root/releases/ledger.ts'

/** Notes in the ledger that a release is complete, with the files that were really written. */
export type CompleteRelease = (result: BuildResult, staticRoot: string) => Promise<void>

/** Notes a build in the ledger, with all files that it may write, before it writes the first. */
export async function startBuildRelease(
  { files, manifestHash }: BuildPlan,
  { staticRoot, compression, manifest }: ResolvedOptions,
  warn: (message: string) => void,
): Promise<CompleteRelease> {
  const siblings = files.flatMap(file => possibleSiblings(file, compression))
  const release = {
    manifest: path.resolve(staticRoot, manifest),
    manifestHash,
    files: [...files, ...siblings],
  }
  const complete = await startRelease(staticRoot, release, warn)
  return async (result, filled) => complete(isWrittenBy(result, filled))
}

/** Returns a test for the files that a build wrote, by their names below the static root. */
function isWrittenBy(
  { files, outputsByName, siblings }: BuildResult,
  staticRoot: string,
): (name: string) => boolean {
  const bundled = new Set(files.filter(name => !outputsByName.has(name)))
  return name => {
    if (outputsByName.has(name) || bundled.has(name)) return true
    const original = originalOf(name)
    if (original === undefined) return false
    const suffix = name.slice(original.length) as Suffix
    return siblings?.sizes.get(path.join(staticRoot, original))?.[ENCODINGS[suffix]] !== undefined
  }
}
