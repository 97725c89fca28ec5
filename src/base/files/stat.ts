import { chmodSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'

/** Whether there is a file, links followed. As in Python's `os.path`, a path that no file can have is no error. */
export function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false
}

/** Whether there is a folder, links followed. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false
}

/** Whether there is anything, links followed. */
export function exists(path: string): boolean {
  return statOf(path) !== undefined
}

/** What is known of a file, links followed; `undefined` where there is none, or none that may be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** What is known of a file itself, be it a link; `undefined` where there is none. */
export function lstatOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** The real path of a file or folder that need not exist. */
export function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    const parent = path.dirname(file)
    return parent === file ? file : path.join(realPath(parent), path.basename(file))
  }
}

/**
 * Gives a file its mode. Not as an option of what writes it: there the umask takes part.
 * @param stats what is known of the file, where somebody has looked already
 */
export function giveMode(file: string, mode: number, stats: Stats = statSync(file)): void {
  if ((stats.mode & 0o7777) !== mode) chmodSync(file, mode)
}
