import { type Dirent, realpathSync } from 'node:fs'
import path from 'node:path'
import { type Encoding, SUFFIXES } from '../base/encodings.ts'
import { contains, relativePath } from '../base/files/paths.ts'
import { isFile } from '../base/files/stat.ts'
import { walk } from '../base/files/walk.ts'
import { INDEX } from './index/index-file.ts'
import { LEDGER } from './releases/ledger.ts'

/** A file that may be served. */
export interface PublicFile {
  /** Below the static root, with slashes. */
  readonly name: string
  /** The encodings of the siblings beside it. */
  readonly encodings: readonly Encoding[]
}

/** What the manifest of a static root says, and where it is. */
export interface ManifestFacts {
  /** The manifest's names and hashed names. */
  readonly paths: ReadonlyMap<string, string>
  /** The manifest's path, absolute or relative to the static root. */
  readonly manifest: string
}

/** A name below the static root that is not a folder, and its kind. */
export type FoundEntry = readonly [name: string, kind: Pick<Dirent, 'isFile' | 'isSymbolicLink'>]

/** Lists all files of a static root that may be served. */
export function listStaticRoot(root: string, manifest: ManifestFacts): PublicFile[] {
  return publicFiles(root, manifest, entriesBelow(root))
}

/**
 * Returns the files that may be served: all that the manifest names, and all others except siblings (which are forms of
 * another file), the files that builds keep for themselves, hidden files, and links out of the folder.
 */
export function publicFiles(
  root: string,
  { paths, manifest }: ManifestFacts,
  entries: Iterable<FoundEntry>,
): PublicFile[] {
  const named = new Set([...paths.keys(), ...paths.values()])
  const own = new Set([relativePath(root, path.resolve(root, manifest)), INDEX, LEDGER])
  const found = new Set<string>()
  for (const [name, kind] of entries) {
    if (named.has(name) || (!own.has(name) && !isHidden(name) && isInside(root, name, kind))) found.add(name)
  }
  const files: PublicFile[] = []
  for (const name of found) {
    if (!named.has(name) && isSibling(name, found)) continue
    const siblings = SUFFIX_OF.filter(([, suffix]) => found.has(name + suffix) && !named.has(name + suffix))
    files.push({ name, encodings: siblings.map(([encoding]) => encoding) })
  }
  return files
}

const SUFFIX_OF = Object.entries(SUFFIXES) as [Encoding, string][]

function isSibling(name: string, found: ReadonlySet<string>): boolean {
  return SUFFIX_OF.some(([, suffix]) => name.endsWith(suffix) && found.has(name.slice(0, -suffix.length)))
}

function entriesBelow(root: string): FoundEntry[] {
  const entries: FoundEntry[] = []
  walk(root, (name, entry) => {
    if (!entry.isDirectory()) entries.push([name, entry])
    return true
  })
  return entries
}

/** Tells whether a name is hidden. Files and folders called `.well-known` are not. */
function isHidden(name: string): boolean {
  return /(?:^|\/)\.(?!well-known(?:\/|$))/u.test(name)
}

function isInside(root: string, name: string, kind: FoundEntry[1]): boolean {
  return kind.isFile() || (kind.isSymbolicLink() && leadsInside(root, path.join(root, name)))
}

function leadsInside(root: string, link: string): boolean {
  return isFile(link) && contains(realpathSync(root), realpathSync(link))
}
