import { existsSync, lstatSync, rmdirSync, unlinkSync } from 'node:fs'
import path from 'node:path'
import { StaticFilesError } from '../../base/errors.ts'
import { filesBelow } from '../../base/files/files-below.ts'
import { relativePath } from '../../base/files/paths.ts'
import { isTemporary } from '../../base/files/replace-file.ts'
import { lstatOf } from '../../base/files/stat.ts'
import { foldersAbove } from '../../base/names.ts'
import { readManifest } from '../manifest/manifest-file.ts'
import { liesWithin } from './files.ts'
import { LEDGER, type Release, readLedger, writeLedger } from './ledger.ts'
import { withLock } from './lock.ts'

/** What {@link prune} keeps. */
export interface PruneOptions {
  /** An absolute path. */
  readonly staticRoot: string
  /** The absolute path of the manifest, whose release is always kept. */
  readonly manifest: string
  /**
   * How many releases are kept, the current one included.
   * @default 3
   */
  readonly keep?: number | undefined
  /**
   * In seconds: releases that were completed within this time are kept too.
   * @default 0
   */
  readonly age?: number | undefined
  /**
   * Whether nothing is removed.
   * @default false
   */
  readonly dryRun?: boolean
}

/** What {@link prune} did, or would do. */
export interface PruneResult {
  /** Names below the static root. */
  readonly removed: readonly string[]
  /** In bytes. */
  readonly bytes: number
  /** The oldest first. */
  readonly kept: readonly Release[]
}

/**
 * Removes the files that some release names and no kept one does. A file that no release names is never touched.
 * @throws StaticFilesError where the static root has no ledger, or a build is at work
 */
export async function prune({
  staticRoot,
  manifest,
  keep = 3,
  age = 0,
  dryRun = false,
}: PruneOptions): Promise<PruneResult> {
  if (!existsSync(path.join(staticRoot, LEDGER))) {
    throw new StaticFilesError(
      `there are no releases in ${staticRoot}: ${LEDGER} is missing\n` +
        'Builds write it where they leave the files of earlier ones: build: { emptyOutDir: false } in the Vite configuration',
    )
  }
  return withLock(
    staticRoot,
    () => undefined,
    async () => {
      const releases = readLedger(staticRoot)
      const kept = keptReleases(releases, manifest, { keep, age })
      const names = new Set([
        ...kept.flatMap(release => release.files),
        LEDGER,
        relativePath(staticRoot, manifest),
      ])
      const dropped = new Set(releases.flatMap(release => release.files).filter(name => !names.has(name)))
      const temporary = temporaryFiles(staticRoot)
      const files = [...dropped, ...temporary].filter(name => isFileOf(staticRoot, name)).sort()
      const bytes = files.reduce((sum, name) => sum + lstatSync(path.join(staticRoot, name)).size, 0)
      if (!dryRun) {
        for (const name of files) unlinkSync(path.join(staticRoot, name))
        removeEmptyFolders(staticRoot, dropped)
        // Last, so that a prune which breaks off is done again.
        await writeLedger(staticRoot, kept)
      }
      return { removed: files, bytes, kept }
    },
  )
}

/** The current release, the newest complete ones, and the young ones. */
function keptReleases(
  releases: readonly Release[],
  manifest: string,
  { keep, age }: { keep: number; age: number },
): Release[] {
  const { hash } = readManifest(manifest)
  const ofManifest = releases.filter(({ manifestHash }) => manifestHash === hash)
  // The same build may have begun again, and broken off.
  const currentRelease = ofManifest.findLast(({ completedAt }) => completedAt) ?? ofManifest.at(-1)
  if (currentRelease === undefined) {
    throw new StaticFilesError(
      `no release in ${LEDGER} is that of ${manifest}: something else has written the manifest\nBuild again before you prune`,
    )
  }
  const complete = releases.filter(release => release === currentRelease || release.completedAt !== undefined)
  const newest = new Set(complete.slice(Math.max(complete.length - Math.max(keep, 1), 0)))
  const since = Date.now() - age * 1000
  return complete.filter(release => {
    return release === currentRelease || newest.has(release) || Date.parse(release.completedAt ?? '') > since
  })
}

/** What builds that were killed have left; while the lock is held, no other build of this machine needs it. */
function temporaryFiles(staticRoot: string): string[] {
  const files = [...filesBelow(staticRoot)].filter(isTemporary)
  return files.map(file => relativePath(staticRoot, file))
}

/** Whether a name is a file, or a link, whose folder really lies in the static root. */
function isFileOf(staticRoot: string, name: string): boolean {
  const found = lstatOf(path.join(staticRoot, name))
  return found !== undefined && !found.isDirectory() && liesWithin(staticRoot, name)
}

function removeEmptyFolders(staticRoot: string, names: Iterable<string>): void {
  const folders = new Set([...names].flatMap(name => [...foldersAbove(name)]))
  for (const folder of [...folders].sort((one, other) => other.length - one.length)) {
    const isFolderOf = lstatOf(path.join(staticRoot, folder))?.isDirectory() && liesWithin(staticRoot, folder)
    try {
      if (isFolderOf) rmdirSync(path.join(staticRoot, folder))
    } catch {
      // It has files of others, or of a kept release.
    }
  }
}
