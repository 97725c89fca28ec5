import path from 'node:path'
import { isFile, isFolder } from '../../base/files/stat.ts'
import { type Finder, LocationFinder } from '../../finders/finders.ts'
import type { ListedFile, Location } from '../../finders/location.ts'
import type { DjangoFinder } from './answer.ts'

/** Makes the finder that stands for one of `STATICFILES_FINDERS`. */
export function createFinder(finder: DjangoFinder, apps: readonly string[]): Finder {
  const option = OPTIONS[finder.class] ?? finder.class
  if (finder.kind === 'list') return new ListedFinder(finder.files, locationsOf(finder.locations, option))
  if (finder.kind === 'dirs') return new LocationFinder(locationsOf(finder.dirs, option))
  const folders = apps.map(app => path.join(app, finder.folder))
  const existing = folders.filter(folder => isFolder(folder) || isFile(folder))
  return new LocationFinder(
    locationsOf(
      existing.map(folder => ['', folder]),
      option,
    ),
  )
}

/** The settings that name the locations of Django's own finders, for messages. */
const OPTIONS: Record<string, string> = {
  'django.contrib.staticfiles.finders.FileSystemFinder': 'STATICFILES_DIRS',
  'django.contrib.staticfiles.finders.AppDirectoriesFinder': 'INSTALLED_APPS',
}

function locationsOf(
  dirs: readonly (readonly [prefix: string, folder: string])[],
  option: string,
): Location[] {
  return dirs.map(([prefix, folder]) => ({ prefix, root: path.resolve(folder), option }))
}

/** Finds the files that a finder of the project listed when Django was asked. They are without the ignored ones already. */
class ListedFinder implements Finder {
  readonly locations: readonly Location[]
  readonly #files: readonly ListedFile[]

  constructor(files: readonly (readonly [name: string, source: string])[], locations: readonly Location[]) {
    this.#files = files.map(([name, source]) => ({ name, source }))
    this.locations = locations
  }

  *find(name: string): Generator<string> {
    for (const file of this.#files) {
      if (file.name === name && isFile(file.source)) yield file.source
    }
  }

  list(): readonly ListedFile[] {
    return this.#files
  }
}
