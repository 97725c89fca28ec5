import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { StaticFilesError, withoutPrefix } from '../errors.ts'
import { isPlainPath } from '../names.ts'
import { replaceFile } from '../replace-file.ts'

/** The ledger's name in the static root. */
export const LEDGER = 'staticfiles.releases.json'

/** What one build wrote. */
export interface Release {
  /** When the build began to write: ISO 8601, in UTC. */
  readonly startedAt: string
  /** When its manifest was in place; missing where the build broke off. */
  readonly completedAt?: string
  /** The `hash` of its manifest. */
  readonly manifestHash: string
  /** Names below the static root. */
  readonly files: readonly string[]
}

/**
 * The releases that a static root holds, the oldest first.
 * @throws StaticFilesError where the ledger is none
 */
export function readLedger(staticRoot: string): Release[] {
  const file = path.join(staticRoot, LEDGER)
  if (!existsSync(file)) return []
  try {
    const { version, releases } = JSON.parse(readFileSync(file, 'utf8'))
    if (version !== 1 || !Array.isArray(releases) || !releases.every(isRelease))
      throw new Error('it is no ledger')
    return releases
  } catch (cause) {
    throw new StaticFilesError(
      `cannot read the releases in ${file}: ${(cause as Error).message}\n` +
        'Restore it, or remove it: then the files of earlier releases stay until you remove them by hand',
      { cause },
    )
  }
}

/** A ledger that somebody changed must not lead to files elsewhere. */
function isRelease(value: unknown): value is Release {
  const { startedAt, completedAt, manifestHash, files } = (value ?? {}) as Partial<Release>
  const times = [startedAt, completedAt ?? startedAt].every(time => !Number.isNaN(Date.parse(String(time))))
  const isName = (file: unknown) => typeof file === 'string' && isPlainPath(file) && !/[\\\0]/u.test(file)
  return times && typeof manifestHash === 'string' && Array.isArray(files) && files.every(isName)
}

/** Replaces the ledger in one step. */
export async function writeLedger(staticRoot: string, releases: readonly Release[]): Promise<void> {
  const lines = releases.map(release => `  ${JSON.stringify(release)}`)
  const text = `{"version": 1, "releases": [\n${lines.join(',\n')}\n]}\n`
  await mkdir(staticRoot, { recursive: true })
  await replaceFile(path.join(staticRoot, LEDGER), temporary => writeFile(temporary, text, { flag: 'wx' }))
}

/** Notes a release before the first of its files is written, so that what a crash leaves is known. */
export async function startRelease(
  staticRoot: string,
  release: Pick<Release, 'manifestHash' | 'files'>,
  warn: (message: string) => void,
): Promise<void> {
  const known = await readOrSetAside(staticRoot, warn)
  // The same build again is the same release.
  const earlier = known.filter(({ manifestHash }) => manifestHash !== release.manifestHash)
  const startedAt = new Date().toISOString()
  await writeLedger(staticRoot, [...earlier, { startedAt, ...release }])
}

/** Notes that the manifest of the newest release is in place, and what else was written. */
export async function completeRelease(staticRoot: string, files: readonly string[]): Promise<void> {
  const releases = readLedger(staticRoot)
  const newest = releases.pop()
  if (newest === undefined) return
  await writeLedger(staticRoot, [...releases, { ...newest, completedAt: new Date().toISOString(), files }])
}

async function readOrSetAside(staticRoot: string, warn: (message: string) => void): Promise<Release[]> {
  try {
    return readLedger(staticRoot)
  } catch (error) {
    const file = path.join(staticRoot, LEDGER)
    await rename(file, `${file}.broken`)
    warn(`${withoutPrefix(error as Error)}; it was renamed to ${LEDGER}.broken`)
    return []
  }
}
