import { type Dirent, readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { type Encoding, SUFFIXES } from './compress.ts'
import { contains, relativePath } from './contains.ts'
import { isFile } from './file-kind.ts'
import { INDEX } from './index-file.ts'
import { LEDGER } from './releases/ledger.ts'

/** A file that may be served. */
export interface PublicFile {
  /** Below the static root, with slashes. */
  readonly name: string
  /** Of the siblings that lie beside it. */
  readonly encodings: readonly Encoding[]
}

/** What is known of a static root before it is listed. */
export interface KnownNames {
  /** What the manifest says. */
  readonly paths: ReadonlyMap<string, string>
  /** The manifest's path, absolute or in the static root. */
  readonly manifest: string
}

/**
 * What of a static root is for everyone: all that the manifest names, and all else but siblings, which are other forms
 * of a file, what builds keep for themselves, hidden files, and links that lead out of the folder.
 */
export function listStaticRoot(root: string, { paths, manifest }: KnownNames): PublicFile[] {
  const named = new Set([...paths.keys(), ...paths.values()])
  const own = new Set([relativePath(root, path.resolve(root, manifest)), INDEX, LEDGER])
  const folder = { root, named, own }
  const found = new Set(publicNames(folder, '', false))
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

interface Folder {
  readonly root: string
  readonly named: ReadonlySet<string>
  readonly own: ReadonlySet<string>
}

/** @param prefix of a folder below the static root, with a slash at the end */
function* publicNames(folder: Folder, prefix: string, hidden: boolean): Generator<string> {
  const entries = readdirSync(path.join(folder.root, prefix), { withFileTypes: true })
  for (const entry of entries) {
    const name = prefix + entry.name
    const isHidden = hidden || (entry.name.startsWith('.') && entry.name !== '.well-known')
    if (entry.isDirectory()) yield* publicNames(folder, `${name}/`, isHidden)
    else if (folder.named.has(name) || (!isHidden && isPublic(folder, name, entry))) yield name
  }
}

function isPublic({ root, own }: Folder, name: string, entry: Dirent): boolean {
  if (own.has(name)) return false
  return entry.isFile() || (entry.isSymbolicLink() && leadsInside(root, path.join(root, name)))
}

function leadsInside(root: string, link: string): boolean {
  return isFile(link) && contains(realpathSync(root), realpathSync(link))
}
