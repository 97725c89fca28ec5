import { lstatSync, type Stats, statSync } from 'node:fs'

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

function statOf(path: string): Stats | undefined {
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
