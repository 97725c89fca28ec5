import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { contains } from '../../../base/files/paths.ts'
import { isInstalled } from '../../../base/installed.ts'
import type { ResolvedOptions } from '../../../options/resolve.ts'
import { basesOf } from './patterns.ts'

/** The names of files that editors, Python and file managers write beside the user's files. */
const TEMPORARY: readonly RegExp[] = [
  /~$/u, // Emacs, Kate, gedit
  /^\.#/u, // Emacs
  /^#.*#$/u, // Emacs
  /\.sw[nopx]$/iu, // Vim
  /^4913$/u, // Vim
  /\.tmp(?:\.\d+)*$/iu,
  /___jb_(?:tmp|old)___$/u, // JetBrains
  /^\.goutputstream-/u, // gedit
  /^\.DS_Store$/u, // macOS
  /\.py[co](?:\.\d+)?$/u, // Python
]

/** Whether a file is temporary, so that nobody serves or renders it. */
export function isTemporary(file: string): boolean {
  const name = path.basename(file)
  return TEMPORARY.some(pattern => pattern.test(name)) || /[\\/]__pycache__(?:[\\/]|$)/u.test(file)
}

/** Returns the outermost folders outside Vite's root, which Vite does not watch, without those of installed packages. */
export function foldersOutside(folders: readonly string[], root: string): string[] {
  const outside = [...new Set(folders)].filter(
    folder => folder !== root && !contains(root, folder) && !isInstalled(folder),
  )
  return outside.filter(folder => !outside.some(other => contains(other, folder)))
}

/** Returns a test for paths that are not watched: virtual environments, files that Python compiles, and the static root. */
export function unwatched(options: ResolvedOptions): (file: string) => boolean {
  const folders = [options.staticRoot, ...basesOf(options).flatMap(virtualEnvironments)]
  return file => {
    const plain = path.normalize(file)
    return /[\\/]__pycache__$/u.test(plain) || folders.some(each => plain === each || contains(each, plain))
  }
}

/** @see https://peps.python.org/pep-0405/ */
function virtualEnvironments(root: string): string[] {
  if (!existsSync(root)) return []
  const paths = readdirSync(root).map(name => path.join(root, name))
  return paths.filter(each => existsSync(path.join(each, 'pyvenv.cfg')))
}
