import { chmodSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { StaticFilesError } from '../errors.ts'
import { contains } from './paths.ts'

/**
 * Makes a folder and those above it.
 * @param mode of each folder that is made
 */
export function makeFolder(folder: string, mode: number | undefined): void {
  try {
    const first = mkdirSync(folder, { recursive: true })
    if (first === undefined || mode === undefined) return
    // The umask would change the mode if it were an option of `mkdir`.
    for (let each = folder; contains(path.dirname(first), each); each = path.dirname(each))
      chmodSync(each, mode)
  } catch (cause) {
    throw new StaticFilesError(`cannot make the folder ${folder}: ${(cause as Error).message}`, { cause })
  }
}
