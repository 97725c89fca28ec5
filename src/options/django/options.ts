import path from 'node:path'
import type { Options } from '../options.ts'
import type { DjangoAnswer, DjangoFinder } from './answer.ts'
import { createFinder } from './finders.ts'

const WHITENOISE_STORAGE = 'whitenoise.storage.CompressedManifestStaticFilesStorage'

/**
 * Fills in the options that are not given from Django's answer. `dirs`, `apps` and `finders` become one list of finders,
 * in the order of `STATICFILES_FINDERS`.
 */
export function withDjango(given: Options, answer: DjangoAnswer, outDir: string | undefined): Options {
  const { storage, whitenoise } = answer
  const keepsPlain = !(
    storage.bases.includes(WHITENOISE_STORAGE) && whitenoise.WHITENOISE_KEEP_ONLY_HASHED_FILES
  )
  // An empty text is not a folder: it comes from an environment variable that is not set.
  const root = given.staticRoot || outDir || answer.staticRoot
  return {
    entries: 'templates',
    templates: answer.templates,
    hash: storage.isManifest,
    keepUnhashed: keepsPlain,
    staticUrl: answer.staticUrl,
    ...manifestOption(answer),
    fileMode: storage.fileMode ?? modeOfUmask(),
    ...(storage.folderMode !== null && { folderMode: storage.folderMode }),
    ...defined(given),
    ...(root && { staticRoot: root }),
    ...ignoreOptions(given, answer),
    ...compressOption(given, whitenoise.WHITENOISE_SKIP_COMPRESS_EXTENSIONS),
    // If they are given, they replace Django's, which are in the list of finders.
    dirs: given.dirs ?? [],
    apps: given.apps ?? [],
    finders: [...djangoFinders(given, answer), ...(given.finders ?? [])],
  }
}

/** Returns the mode of a new file without `FILE_UPLOAD_PERMISSIONS`. */
function modeOfUmask(): number {
  return 0o666 & ~process.umask()
}

/** Removes the options that are `undefined`, because they are not given. */
function defined(given: Options): Options {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function djangoFinders(given: Options, answer: DjangoAnswer): ReturnType<typeof createFinder>[] {
  const isGiven = ({ kind }: DjangoFinder) =>
    (kind === 'dirs' && given.dirs !== undefined) || (kind === 'apps' && given.apps !== undefined)
  return answer.finders.filter(finder => !isGiven(finder)).map(finder => createFinder(finder, answer.apps))
}

/** Takes the patterns of Django's app as the defaults, unless the user chooses some, or none, of Django's three. */
function ignoreOptions({ ignore = [], defaultIgnore }: Options, { ignorePatterns }: DjangoAnswer): Options {
  if (defaultIgnore !== undefined && defaultIgnore !== true) return { ignore, defaultIgnore }
  return { ignore: [...ignorePatterns, ...ignore], defaultIgnore: false }
}

/** Returns the manifest's path in the static root, or its absolute path if `manifest_storage` keeps it elsewhere. */
function manifestOption({ storage, staticRoot }: DjangoAnswer): Options {
  const { manifestName, manifestFolder } = storage
  if (manifestName === null) return {}
  const isElsewhere =
    manifestFolder !== null && staticRoot !== null && path.relative(staticRoot, manifestFolder) !== ''
  return { manifest: isElsewhere ? path.join(manifestFolder, manifestName) : manifestName }
}

function compressOption({ compress }: Options, skip: unknown): Options {
  if (compress === false || !Array.isArray(skip) || compress?.skip !== undefined) return {}
  return { compress: { ...compress, skip: skip.map(String) } }
}
