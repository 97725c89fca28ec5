import path from 'node:path'
import { exists } from '../base/files/stat.ts'
import { fastGlob } from './fast-glob.ts'
import type { Location } from './location.ts'

/** An item of `apps` with the folders that it stands for. */
export interface FoundApp {
  /** A folder, or a glob of folders. */
  readonly item: string
  /** The absolute paths of the existing folders that a glob matches, or of the folder itself, even if it does not exist. */
  readonly folders: readonly string[]
  /** The `static/` folders of those that have one. */
  readonly locations: readonly Location[]
}

/**
 * Finds the folders of apps.
 * @param apps folders or globs of them, absolute or relative to `root`
 */
export function findApps(apps: readonly string[], root: string): FoundApp[] {
  return apps.map(item => {
    const folders = foldersOf(item, root)
    const locations = folders
      .map(folder => ({ prefix: '', root: path.join(folder, 'static'), option: 'apps' }))
      .filter(location => exists(location.root))
    return { item, folders, locations }
  })
}

function foldersOf(item: string, root: string): string[] {
  const folder = path.resolve(root, item)
  if (exists(folder)) return [folder]
  const { isDynamicPattern, sync } = fastGlob()
  if (!isDynamicPattern(item)) return [folder]
  const found = sync(item, { cwd: root, onlyDirectories: true, absolute: true })
  return found.map(each => path.resolve(each)).sort()
}
