import { chmodSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'

/** Tells whether a file exists, links followed. As in Python's `os.path`, a path that no file can have is not an error. */
export function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false
}

/** Tells whether a folder exists, links followed. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false
}

/** Tells whether anything exists at a path, links followed. */
export function exists(path: string): boolean {
  return statOf(path) !== undefined
}

/** Returns the stat of a file, links followed, or `undefined` if it does not exist or may not be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Returns the stat of a file without following links, or `undefined` if it does not exist. */
export function lstatOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** Returns the real path of a file or folder; if it does not exist, the links of the folders above are still followed. */
export function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    const parent = path.dirname(file)
    return parent === file ? file : path.join(realPath(parent), path.basename(file))
  }
}

/**
 * Gives a file its mode. As an option of what writes the file, the umask would change it.
 * @param stats the file's stat, if the caller has it
 */
export function giveMode(file: string, mode: number, stats: Stats = statSync(file)): void {
  if ((stats.mode & 0o7777) !== mode) chmodSync(file, mode)
}

/** Returns a path with all symlinks followed, or the path itself if nothing is there: what a bundler names may be virtual. */
export function withoutSymlinks(file: string): string {
  try {
    return realpathSync.native(file)
  } catch {
    return file
  }
}
