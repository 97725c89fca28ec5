import { existsSync } from 'node:fs'
import path from 'node:path'
import picomatch from 'picomatch'
import { contains, relativePath } from '../../../base/files/paths.ts'
import { isInstalled } from '../../../base/installed.ts'
import type { ResolvedOptions } from '../../../options/resolve.ts'

/** A glob of `reload`, split into the folder at its start and the rest. */
interface Pattern {
  readonly folder: string
  /** The rest of the glob; '' if the glob is the path of one file, which is in `folder` then. */
  readonly glob: string
}

/** Whether `reload` matches a file. */
export function matchesReload(file: string, options: ResolvedOptions): boolean {
  return patternsOf(options).some(({ folder, glob }) => {
    if (glob === '') return file === folder
    return contains(folder, file) && picomatch.isMatch(relativePath(folder, file), glob, { dot: true })
  })
}

/** Returns the folders in which `reload` matches files. */
export function reloadFolders(options: ResolvedOptions): string[] {
  const folders = patternsOf(options).map(({ folder, glob }) => (glob === '' ? path.dirname(folder) : folder))
  return [...new Set(folders)].filter(existsSync)
}

/** Returns a sentence about each glob of `reload` that never matches: its folders are missing or not watched. */
export function describeVainPatterns(options: ResolvedOptions): string[] {
  const { reload } = options
  if (reload === false) return []
  return reload.flatMap(pattern => {
    const places = basesOf(options).map(base => patternAt(pattern, base))
    const folders = places.map(({ folder, glob }) => (glob === '' ? path.dirname(folder) : folder))
    const isVain = (folder: string) =>
      !existsSync(folder) || isInstalled(folder) || contains(options.staticRoot, path.join(folder, 'x'))
    if (!folders.every(isVain)) return []
    return `\`reload\`: '${pattern}' matches no file, as none of these folders is there and watched: ${[...new Set(folders)].join(', ')}`
  })
}

function patternsOf(options: ResolvedOptions): Pattern[] {
  const { reload } = options
  if (reload === false) return []
  return basesOf(options).flatMap(base => reload.map(pattern => patternAt(pattern, base)))
}

const bases = new WeakMap<ResolvedOptions, readonly string[]>()

/** Returns the folders in which globs start: Vite's root, the folder of manage.py, and apps outside of both. */
export function basesOf(options: ResolvedOptions): readonly string[] {
  const found = bases.get(options) ?? findBases(options)
  bases.set(options, found)
  return found
}

function findBases({ root, apps, templates, finders }: ResolvedOptions): string[] {
  const appFolders = apps.flatMap(({ folders }) => folders)
  const locations = finders.flatMap(finder => finder.locations.map(location => location.root))
  const places = [root, ...appFolders, ...locations, ...templates.map(({ folder }) => folder)]
  const own = places.filter(folder => !isInstalled(folder))
  const projects = own.flatMap(folder => folderOfManage(folder) ?? [])
  const found = [...new Set([root, ...projects])]
  return [...found, ...appFolders.filter(folder => !isInstalled(folder) && !isIn(folder, found))]
}

function isIn(folder: string, folders: readonly string[]): boolean {
  return folders.some(base => base === folder || contains(base, folder))
}

/** Returns the nearest folder with a manage.py: this one, or one above it. */
function folderOfManage(folder: string): string | undefined {
  if (existsSync(path.join(folder, 'manage.py'))) return folder
  const parent = path.dirname(folder)
  return parent === folder ? undefined : folderOfManage(parent)
}

function patternAt(pattern: string, base: string): Pattern {
  const { base: start, glob } = picomatch.scan(pattern)
  return { folder: path.resolve(base, start), glob }
}
