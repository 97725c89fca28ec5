import path from 'node:path'
import { isFile, isFolder } from '../base/files/stat.ts'
import { loadFastGlob } from '../base/load.ts'
import { listLocation } from './list-location.ts'
import { type ListedFile, type ListOptions, type Location, sourceIn } from './location.ts'

/**
 * Finds static names and lists all it has.
 * @see https://docs.djangoproject.com/en/stable/ref/settings/#staticfiles-finders
 */
export interface Finder {
  /** The folders it searches, best first. They are named in errors. */
  readonly locations: readonly Location[]
  /** The absolute paths of the files of this name, best first. */
  find(name: string): Iterable<string>
  /** Every file, best first where a name occurs twice. */
  list(options: ListOptions): Iterable<ListedFile> | Promise<Iterable<ListedFile>>
}

/** How {@link find} looks. */
export interface FindOptions {
  /**
   * Whether every source of the name is returned, the winner first (`findstatic`), or the winner alone
   * (`findstatic --first`).
   * @default false
   */
  all?: boolean
}

/**
 * The file that the first finder has for a static name, as `django.contrib.staticfiles.finders.find`: the ignore
 * patterns play no part, and a folder is not a file.
 * @returns absolute paths; `undefined` (an empty list with `all`) where no finder has the name
 */
export function find(finders: readonly Finder[], name: string, options: { all: true }): string[]
export function find(finders: readonly Finder[], name: string, options?: { all?: false }): string | undefined
export function find(
  finders: readonly Finder[],
  name: string,
  options: FindOptions = {},
): string | string[] | undefined {
  if (options.all) return finders.flatMap(finder => [...finder.find(name)])
  for (const finder of finders) {
    for (const source of finder.find(name)) return source
  }
  return undefined
}

/** Searches folders: {@link FileSystemFinder} and {@link AppDirectoriesFinder} differ only in how they are named. */
export abstract class LocationFinder implements Finder {
  abstract readonly locations: readonly Location[];

  *find(name: string): Generator<string> {
    for (const location of this.locations) {
      const source = sourceIn(location, name)
      if (source !== undefined && isFile(source)) yield source
    }
  }

  async list(options: ListOptions): Promise<ListedFile[]> {
    const listings = await Promise.all(this.locations.map(location => listLocation(location, options)))
    return listings.flat()
  }
}

/** Finds files in given folders, each plain or `[prefix, folder]` (Django's `STATICFILES_DIRS`). */
export class FileSystemFinder extends LocationFinder {
  readonly locations: readonly Location[]

  /**
   * @param dirs the folders, absolute or relative to `root`
   * @param root where relative folders start; default: the working directory
   */
  constructor(
    dirs: readonly (string | readonly [prefix: string, folder: string])[],
    root: string = process.cwd(),
  ) {
    super()
    const locations = dirs.map(dir => {
      const [prefix, folder] = typeof dir === 'string' ? ['', dir] : dir
      return { prefix, root: path.resolve(root, folder), option: 'dirs' }
    })
    this.locations = uniqueLocations(locations)
  }
}

/** Finds files in the `static/` folder of each app (Django's `AppDirectoriesFinder`). */
export class AppDirectoriesFinder extends LocationFinder {
  readonly locations: readonly Location[]

  /**
   * @param apps the apps' folders or globs of them, absolute or relative to `root`, in the order of `INSTALLED_APPS`
   * @param root where relative folders start; default: the working directory
   */
  constructor(apps: readonly string[], root: string = process.cwd()) {
    super()
    const locations = apps
      .flatMap(app => appFolders(app, root))
      .map(folder => ({ prefix: '', root: path.join(folder, 'static'), option: 'apps' }))
      .filter(location => isFolder(location.root) || isFile(location.root))
    this.locations = uniqueLocations(locations)
  }
}

/** The absolute paths that an item of `apps` stands for: of a glob the folders that exist, of a folder itself. */
export function appFolders(app: string, root: string): string[] {
  const folder = path.resolve(root, app)
  if (isFolder(folder)) return [folder]
  const fastGlob = loadFastGlob()
  if (!fastGlob.isDynamicPattern(app)) return [folder]
  const found = fastGlob.sync(app, { cwd: root, onlyDirectories: true, absolute: true })
  return found.map(each => path.resolve(each)).sort()
}

function uniqueLocations(locations: readonly Location[]): Location[] {
  return [...new Map(locations.map(location => [`${location.prefix}\0${location.root}`, location])).values()]
}

/** The folders that finders search, best first. */
export function rootsOf(finders: readonly Finder[]): string[] {
  return finders.flatMap(finder => finder.locations.map(location => location.root))
}
