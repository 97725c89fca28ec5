import path from 'node:path'
import { isFile } from '../base/files/stat.ts'
import { findApps } from './apps.ts'
import { listLocation } from './list-location.ts'
import { type ListedFile, type ListOptions, type Location, sourceIn } from './location.ts'

/**
 * Finds the files of static names, and lists all of its files.
 * @see https://docs.djangoproject.com/en/stable/ref/settings/#staticfiles-finders
 */
export interface Finder {
  /** The folders that it searches, best first. Errors name them. */
  readonly locations: readonly Location[]
  /** Returns the absolute paths of the files of this name, best first. */
  find(name: string): Iterable<string>
  /** Lists every file, best first if a name occurs twice. */
  list(options: ListOptions): Iterable<ListedFile> | Promise<Iterable<ListedFile>>
}

/** The options of {@link find}. */
export interface FindOptions {
  /**
   * Whether to return all files of the name, the winner first (`findstatic`), or the winner alone
   * (`findstatic --first`).
   * @default false
   */
  all?: boolean
}

/**
 * Finds the file of a static name, like `django.contrib.staticfiles.finders.find`: the first finder wins, ignore patterns do
 * not apply, and a folder is not a file.
 * @returns an absolute path, or `undefined` if no finder has the name; with `all`, a list
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

/** Searches folders: {@link FileSystemFinder} and {@link AppDirectoriesFinder} differ only in how they get them. */
export class LocationFinder implements Finder {
  readonly locations: readonly Location[]

  constructor(locations: readonly Location[]) {
    this.locations = uniqueLocations(locations)
  }

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

function uniqueLocations(locations: readonly Location[]): Location[] {
  return [...new Map(locations.map(location => [`${location.prefix}\0${location.root}`, location])).values()]
}

/** Finds files in given folders, each plain or `[prefix, folder]` (Django's `STATICFILES_DIRS`). */
export class FileSystemFinder extends LocationFinder {
  /**
   * @param dirs the folders, absolute or relative to `root`
   * @param root the folder that relative folders start from; default: the working directory
   */
  constructor(
    dirs: readonly (string | readonly [prefix: string, folder: string])[],
    root: string = process.cwd(),
  ) {
    super(
      dirs.map(dir => {
        const [prefix, folder] = typeof dir === 'string' ? ['', dir] : dir
        return { prefix, root: path.resolve(root, folder), option: 'dirs' }
      }),
    )
  }
}

/** Finds files in the `static/` folder of each app (Django's `AppDirectoriesFinder`). */
export class AppDirectoriesFinder extends LocationFinder {
  /**
   * @param apps the apps' folders or globs of them, absolute or relative to `root`, in the order of `INSTALLED_APPS`
   * @param root the folder that relative folders start from; default: the working directory
   */
  constructor(apps: readonly string[], root: string = process.cwd()) {
    super(findApps(apps, root).flatMap(app => app.locations))
  }
}

/** Returns the folders that finders search, best first. */
export function rootsOf(finders: readonly Finder[]): string[] {
  return finders.flatMap(finder => finder.locations.map(location => location.root))
}
