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
  /** The absolute path of the static root. */
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
  /** The names below the static root. */
  readonly removed: readonly string[]
  /** The size of all removed files in bytes. */
  readonly bytes: number
  /** The kept releases, the oldest first. */
  readonly kept: readonly Release[]
}

/**
 * Removes the files that only removed releases name. A file that no release names is never touched.
 * @throws StaticFilesError if the static root has no ledger, or a build does not end
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
        // Last, so that a prune that breaks off can be repeated.
        await writeLedger(staticRoot, kept)
      }
      return { removed: files, bytes, kept }
    },
  )
}

/** Returns the current release, the newest complete ones, and the young ones. */
function keptReleases(
  releases: readonly Release[],
  manifest: string,
  { keep, age }: { keep: number; age: number },
): Release[] {
  const { hash } = readManifest(manifest)
  const ofManifest = releases.filter(({ manifestHash }) => manifestHash === hash)
  // The same build may have started again and broken off.
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

/** Lists what killed builds left. While the lock is held, no other build on this machine needs these files. */
function temporaryFiles(staticRoot: string): string[] {
  const files = [...filesBelow(staticRoot)].filter(isTemporary)
  return files.map(file => relativePath(staticRoot, file))
}

/** Tells whether a name is a file or link whose folder really lies in the static root. */
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
      // The folder has files of others, or of a kept release.
    }
  }
}
