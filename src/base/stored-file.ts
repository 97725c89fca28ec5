import { HASH_LENGTH, hashedName } from './names.ts'

/** What a file of the static root is called in URLs. */
export interface StoredFile {
  /** The name below the static root; it carries the hash unless the file has a version. */
  readonly name: string
  /** What follows the name as `?v=`, if names carry no hash. */
  readonly version?: string
}

/** Returns the version that a file has in URLs if names carry no hash. */
export function versionOf(hash: string): string {
  return hash.slice(0, HASH_LENGTH)
}

/** Where references carry the hash of a file: in its name, or in their query. */
export type HashMode = 'name' | 'query'

/** Returns what a file of this hash is stored as. */
export function storedAs(name: string, hash: string, mode: HashMode): StoredFile {
  return mode === 'query' ? { name, version: versionOf(hash) } : { name: hashedName(name, hash) }
}

/** Returns the versions of the files that have one, by name. */
export function versionsOf(stored: ReadonlyMap<string, StoredFile>): Map<string, string> {
  return new Map(
    [...stored].flatMap(([name, { version }]) => (version === undefined ? [] : [[name, version]])),
  )
}

/**
 * Adds a version to the query of a URL, before its fragment: `icons.eot?#iefix` → `icons.eot?v=5eb63bbbe01e#iefix`.
 * @param version `undefined` changes nothing
 */
export function withVersion(url: string, version: string | undefined): string {
  if (version === undefined) return url
  const end = url.indexOf('#') === -1 ? url.length : url.indexOf('#')
  const start = url.slice(0, end)
  const separator = !start.includes('?') ? '?' : start.endsWith('?') ? '' : '&'
  return `${start}${separator}v=${version}${url.slice(end)}`
}
