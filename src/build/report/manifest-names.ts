import { statSync } from 'node:fs'
import path from 'node:path'
import { unhashedName } from '../../base/names.ts'

/** In bytes; `undefined` where there is no such file. */
export function sizeOf(staticRoot: string, name: string): number | undefined {
  return statSync(path.join(staticRoot, name), { throwIfNoEntry: false })?.size
}

/** The names by hashed name. A bundled entry is in the manifest under the name of its source as well: it is one file. */
export function namesByHashedName(paths: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Map<string, string>()
  for (const [name, hashedName] of paths) {
    if (!names.has(hashedName) || unhashedName(hashedName) === name) names.set(hashedName, name)
  }
  return names
}
