import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * Returns the folder of Vite's cache before Vite has resolved its configuration.
 * @see https://vite.dev/config/shared-options#cachedir
 */
export function cacheDirOf(root: string, given: string | undefined): string {
  if (given !== undefined) return path.resolve(root, given)
  for (let folder = root; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return path.join(folder, 'node_modules/.vite')
    if (path.dirname(folder) === folder) return path.join(root, '.vite')
  }
}
