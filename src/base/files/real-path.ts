import { realpathSync } from 'node:fs'

/** Returns a path with all symlinks followed; a path that does not exist stays as it is. */
export function realPath(file: string): string {
  try {
    return realpathSync.native(file)
  } catch {
    return file
  }
}
