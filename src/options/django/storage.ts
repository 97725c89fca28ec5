import type { Options } from '../options.ts'
import type { DjangoAnswer } from './answer.ts'

const MANIFEST_STORAGE = "Django's ManifestStaticFilesStorage"

/** Returns what the storage does when `collectstatic` runs and a build cannot do, one sentence each. */
export function storageNotes({ storage }: DjangoAnswer): string[] {
  const name = `STORAGES["staticfiles"] is ${storage.class}`
  const notes: string[] = []
  if (!storage.isLocal) {
    notes.push(
      `${name}, which does not keep files in a folder: a build fills STATIC_ROOT and uploads nothing. Copy the folder to ` +
        'where that storage looks',
    )
  }
  if (storage.ownWays.length > 0) {
    notes.push(
      `${name}, which has its own ${inWords(storage.ownWays)}: a build cannot follow that, and names, rewrites and writes files ` +
        `as ${MANIFEST_STORAGE} does`,
    )
  }
  return notes
}

function inWords(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** Returns a problem if `link` is given with a storage that is not a folder, as `collectstatic --link` does. */
export function linkProblems({ link }: Options, { storage }: DjangoAnswer): string[] {
  if (!link || storage.isLocal) return []
  return [
    `\`link\`: ${storage.class} of STORAGES["staticfiles"] does not keep files in a folder, so nothing can be linked into it. ` +
      'Leave out `link`, or `--link`',
  ]
}
