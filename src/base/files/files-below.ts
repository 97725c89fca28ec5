import { rmSync } from 'node:fs'
import path from 'node:path'
import { pathsIn } from './paths.ts'
import { isTemporary } from './replace-file.ts'
import { listIfPossible, walk } from './walk.ts'

/** Lists the absolute paths of all files and folders below a folder, links included; none if it does not exist. */
export function filesBelow(folder: string): Set<string> {
  const root = path.resolve(folder)
  const pathOf = pathsIn(root)
  const found = new Set<string>()
  walk(root, name => Boolean(found.add(pathOf(name))), listIfPossible)
  return found
}

/** Removes the temporary files that a killed build left, from the disk and from the list. */
export function removeTemporaries(files: Set<string>): void {
  for (const file of files) {
    if (!file.endsWith('.tmp') || !isTemporary(path.basename(file))) continue
    rmSync(file, { force: true })
    files.delete(file)
  }
}
