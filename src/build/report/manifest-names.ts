import { statSync } from 'node:fs'
import path from 'node:path'
import { unhashedName } from '../../base/names.ts'

/** Returns the size of a file in bytes, or `undefined` if it does not exist. */
export function sizeOf(staticRoot: string, name: string): number | undefined {
  return statSync(path.join(staticRoot, name), { throwIfNoEntry: false })?.size
}

/** Returns the names by hashed name. A bundled entry has two names in the manifest, but it is one file: one is kept. */
export function namesByHashedName(paths: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Map<string, string>()
  for (const [name, hashedName] of paths) {
    if (!names.has(hashedName) || unhashedName(hashedName) === name) names.set(hashedName, name)
  }
  return names
}
