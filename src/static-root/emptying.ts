import { existsSync } from 'node:fs'
import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { filesBelow } from '../base/files/files-below.ts'
import { contains } from '../base/files/paths.ts'
import { exists, realPath } from '../base/files/stat.ts'
import { isForeign } from './foreign.ts'
import { LEDGER, readLedger } from './releases/ledger.ts'

/**
 * Tells whether a static root holds files that neither a build nor `collectstatic` put there. Once a build has written
 * beside such files, the ledger says so.
 * @param manifest absolute, or a path in the static root
 */
export function holdsOthers(staticRoot: string, manifest: string): boolean {
  if (!existsSync(path.join(staticRoot, LEDGER))) return isForeign(staticRoot, manifest)
  try {
    return readLedger(staticRoot).some(({ others }) => others)
  } catch {
    return true
  }
}

/** What must not be lost when a static root is emptied, and what a message calls it. */
export type Precious = readonly [path: string, what: string]

/** What no build writes. */
const PROJECT_FILES = ['.git', 'manage.py']

/**
 * Checks a folder that is about to be emptied.
 * @throws StaticFilesError if it holds something precious, or a project
 */
export async function checkEmptying(
  staticRoot: string,
  manifest: string,
  precious: Iterable<Precious>,
): Promise<void> {
  const target = realPath(staticRoot)
  for (const [file, what] of precious) {
    const real = realPath(file)
    if ((real === target || contains(target, real)) && exists(file)) throw holdsError(staticRoot, file, what)
  }
  const files = holdsOthers(staticRoot, manifest)
    ? await filesBelow(staticRoot)
    : PROJECT_FILES.map(name => path.join(staticRoot, name)).filter(existsSync)
  for (const file of files) {
    if (PROJECT_FILES.includes(path.basename(file))) throw holdsError(staticRoot, file, 'a part of a project')
  }
}

function holdsError(staticRoot: string, file: string, what: string): StaticFilesError {
  const reason = file === staticRoot ? `it is ${what}` : `it holds ${file}, ${what}`
  return new StaticFilesError(
    `the static root ${staticRoot} must not be emptied: ${reason}\n` +
      "Give builds a folder of their own: STATIC_ROOT = BASE_DIR / 'staticfiles', or `staticRoot: 'staticfiles'`; or keep what " +
      'is there: build: { emptyOutDir: false }',
  )
}
