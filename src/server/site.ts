import path from 'node:path'
import { StaticFilesError } from '../errors.ts'
import { type IndexedContent, readIndexFile } from '../index-file.ts'
import { type KnownNames, listStaticRoot } from '../list-static-root.ts'
import { readManifest } from '../manifest-file.ts'
import { basename, unhashedName } from '../names.ts'
import type { ResolvedServerOptions } from './options.ts'
import { type KnownFile, StaticFile } from './static-file.ts'

/** Sends the client to another URL, relative to its own. */
export class Redirect {
  readonly location: string

  constructor(location: string) {
    this.location = location
  }
}

/** Decoded paths of URLs with what they answer. Nothing else is served, and the disk is not searched. */
export type Site = ReadonlyMap<string, StaticFile | Redirect>

/**
 * Reads manifest and index; without an index that belongs to the manifest, the folder is listed.
 * @param before what was served until now: files that did not change keep their bodies
 * @throws StaticFilesError where manifest or folder cannot be read
 */
export function loadSite(options: ResolvedServerOptions, before: Site = new Map()): Site {
  const site = new Map<string, StaticFile | Redirect>()
  for (const known of [...rootFiles(options), ...staticFiles(options)]) {
    const url = known.url
    site.set(url, sameFile(before.get(url), known) ?? new StaticFile(known, options))
  }
  if (options.index !== false) addFolders(site, options.index)
  return site
}

type Addressed = KnownFile & { readonly url: string }

function sameFile(
  before: StaticFile | Redirect | undefined,
  { content, immutable }: KnownFile,
): StaticFile | undefined {
  if (!(before instanceof StaticFile) || content === undefined) return undefined
  const { known } = before
  const same = known.immutable === immutable && JSON.stringify(known.content) === JSON.stringify(content)
  return same ? before : undefined
}

function staticFiles(options: ResolvedServerOptions): Addressed[] {
  const { root, staticPath } = options
  const manifest =
    options.manifest === false
      ? { paths: new Map<string, string>(), hash: '' }
      : readManifest(options.manifest)
  const names = { paths: manifest.paths, manifest: options.manifest || '' }
  const isImmutable = immutableTest(manifest.paths)
  const index = options.manifest === false ? undefined : readIndexFile(root)
  const files =
    index?.manifestHash === manifest.hash ? indexedFiles(index.contents) : listedFiles(root, names)
  return files.map(file => ({
    ...file,
    url: staticPath + file.name,
    path: path.join(root, file.name),
    immutable: isImmutable(file.name),
  }))
}

type Named = Pick<KnownFile, 'name' | 'content' | 'encodings'>

function indexedFiles(contents: readonly IndexedContent[]): Named[] {
  return contents.flatMap(content => content.names.map(name => ({ name, content, encodings: [] })))
}

function listedFiles(root: string, names: KnownNames): Named[] {
  try {
    return listStaticRoot(root, names).map(file => ({ ...file, content: undefined }))
  } catch (cause) {
    throw new StaticFilesError(`cannot list ${root}: ${(cause as Error).message}`, { cause })
  }
}

function rootFiles({ rootFiles: root }: ResolvedServerOptions): Addressed[] {
  if (root === undefined) return []
  const files = listedFiles(root, { paths: new Map(), manifest: '' })
  return files.map(file => ({
    ...file,
    url: `/${file.name}`,
    path: path.join(root, file.name),
    immutable: false,
  }))
}

/** What the manifest gives as a hashed name, and what has the form of one and is of an earlier release. */
function immutableTest(paths: ReadonlyMap<string, string>): (name: string) => boolean {
  const hashed = new Set([...paths].filter(([name, stored]) => name !== stored).map(([, stored]) => stored))
  return name => hashed.has(name) || (!paths.has(name) && unhashedName(name) !== name && hashed.size > 0)
}

/** The index file of each folder answers the folder's URL, and other spellings of it lead there. */
function addFolders(site: Map<string, StaticFile | Redirect>, index: string): void {
  for (const [url, file] of [...site]) {
    if (!(file instanceof StaticFile) || basename(url) !== index) continue
    const folder = url.slice(0, -index.length)
    site.set(folder, file)
    site.set(url, new Redirect('./'))
    if (folder !== '/')
      site.set(folder.slice(0, -1), new Redirect(`./${encodeURIComponent(basename(folder.slice(0, -1)))}/`))
  }
}
