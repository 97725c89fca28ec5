import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { StaticFilesError, withoutPrefix } from '../../base/errors.ts'
import { joined, writeChunks } from '../../base/files/chunks.ts'
import { replaceFile } from '../../base/files/replace-file.ts'
import { lstatOf } from '../../base/files/stat.ts'
import { isPlainPath } from '../../base/names.ts'
import { isForeign } from '../foreign.ts'
import { readManifest } from '../manifest/manifest-file.ts'

/** The ledger's name in the static root. */
export const LEDGER = 'staticfiles.releases.json'

/** What one build wrote. */
export interface Release {
  /** When the build began to write: ISO 8601, in UTC. */
  readonly startedAt: string
  /** When its manifest was in place; missing if the build broke off. */
  readonly completedAt?: string
  /** The `hash` of its manifest. */
  readonly manifestHash: string
  /** Whether the static root held files that no build had put there. It must not be emptied by itself. */
  readonly others?: boolean
  /** Names below the static root. */
  readonly files: readonly string[]
}

/**
 * Reads the releases of a static root, the oldest first.
 * @throws StaticFilesError if the ledger is not valid
 */
export function readLedger(staticRoot: string): Release[] {
  const file = path.join(staticRoot, LEDGER)
  if (!existsSync(file)) return []
  try {
    const { version, releases } = JSON.parse(readFileSync(file, 'utf8'))
    if (version !== 1 || !Array.isArray(releases) || !releases.every(isRelease))
      throw new Error('it is not a ledger')
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
  await mkdir(staticRoot, { recursive: true })
  const file = path.join(staticRoot, LEDGER)
  await replaceFile(file, async temporary => writeChunks(temporary, chunksOf(releases)))
}

function* chunksOf(releases: readonly Release[]): Generator<string> {
  yield '{"version": 1, "releases": [\n'
  for (const [index, { files, ...facts }] of releases.entries()) {
    yield `${index > 0 ? ',\n' : ''}  ${JSON.stringify(facts).slice(0, -1)},"files":[`
    yield* joined(asJson(files), ',')
    yield ']}'
  }
  yield '\n]}\n'
}

function* asJson(names: readonly string[]): Generator<string> {
  for (const name of names) yield JSON.stringify(name)
}

/** A release to write. */
export interface ReleaseToWrite extends Pick<Release, 'manifestHash' | 'files'> {
  /** The absolute path of its manifest. */
  readonly manifest: string
}

/**
 * Notes a release before its first file is written, so that the ledger has all files that a crash leaves.
 * @returns a function that notes that the manifest is in place; `isWritten` tells whether the build wrote a name
 */
export async function startRelease(
  staticRoot: string,
  { manifest, ...release }: ReleaseToWrite,
  warn: (message: string) => void,
): Promise<(isWritten: (name: string) => boolean) => Promise<void>> {
  const earlier = completeCurrent(await readOrSetAside(staticRoot, warn), manifest)
  const others = earlier.length > 0 ? earlier.some(each => each.others) : isForeign(staticRoot, manifest)
  const facts = { startedAt: new Date().toISOString(), ...(others && { others }) }
  const started = withRelease(earlier, { ...facts, ...release })
  await writeLedger(staticRoot, started)
  const newest = started.pop()!
  return isWritten => {
    // Files that the release may have, or that a build of it left before it broke off.
    const isThere = (name: string) => isWritten(name) || lstatOf(path.join(staticRoot, name)) !== undefined
    const complete = { ...newest, completedAt: new Date().toISOString(), files: newest.files.filter(isThere) }
    return writeLedger(staticRoot, withRelease(started, complete))
  }
}

/**
 * Adds a release as the newest. If the same build runs again, it replaces its release and keeps all files of it; but a
 * complete release stays until the new one is complete too.
 */
function withRelease(releases: readonly Release[], release: Release): Release[] {
  const isReplaced = ({ manifestHash, completedAt }: Release) =>
    manifestHash === release.manifestHash && (completedAt === undefined || release.completedAt !== undefined)
  const replaced = releases.filter(isReplaced)
  if (replaced.length === 0) return [...releases, release]
  const files = [...replaced, release].flatMap(each => each.files)
  return [...releases.filter(each => !isReplaced(each)), { ...release, files: [...new Set(files)] }]
}

/** Completes the current release if its build broke off after its manifest: then it has all its files. */
function completeCurrent(releases: readonly Release[], manifest: string): readonly Release[] {
  if (releases.every(({ completedAt }) => completedAt !== undefined)) return releases
  const writtenAt = statSync(manifest, { throwIfNoEntry: false })?.mtime
  const hash = currentHash(manifest)
  const current = releases.findLast(({ manifestHash }) => manifestHash === hash)
  if (writtenAt === undefined || current === undefined || current.completedAt !== undefined) return releases
  return releases.map(each => (each === current ? { ...each, completedAt: writtenAt.toISOString() } : each))
}

/** Returns the hash of the manifest in place, or `undefined` if it is missing or cannot be read. */
function currentHash(manifest: string): string | undefined {
  try {
    return readManifest(manifest).hash
  } catch {
    return undefined
  }
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
