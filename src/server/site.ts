import path from 'node:path'
import { StaticFilesError } from '../errors.ts'
import { contentOf, type IndexRow, readIndexFile } from '../index-file.ts'
import { type KnownNames, listStaticRoot, type PublicFile } from '../list-static-root.ts'
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

/** What is known of a name: a line of the index, or what a listing found. */
type Source = IndexRow | PublicFile

/** What the folder held when it was last read. Nothing else is served, and the disk is not searched. */
export class Site {
  readonly #options: ResolvedServerOptions
  readonly #sources: ReadonlyMap<string, Source>
  readonly #paths: ReadonlyMap<string, string>
  /** By decoded path of a URL; files once they have been asked for. */
  readonly #answers = new Map<string, StaticFile | Redirect>()

  /**
   * Reads manifest and index; without an index that belongs to the manifest, the folder is listed.
   * @param before what was served until now: files that did not change keep their bodies
   * @throws StaticFilesError where manifest or folder cannot be read
   */
  constructor(options: ResolvedServerOptions, before?: Site) {
    const { root, manifest, index, rootFiles } = options
    const { paths, hash } = manifest === false ? NO_MANIFEST : readManifest(manifest)
    const rows = manifest === false ? undefined : indexRows(root, hash)
    this.#options = options
    this.#sources = rows ?? listed(root, { paths, manifest: manifest || '' })
    this.#paths = paths
    if (rootFiles !== undefined) this.#addRootFiles(rootFiles)
    if (index !== false) this.#addFolders(index)
    if (before !== undefined) this.#keepFrom(before)
  }

  /** @param url a decoded path */
  get(url: string): StaticFile | Redirect | undefined {
    return this.#answers.get(url) ?? this.#firstAsked(url)
  }

  #firstAsked(url: string): StaticFile | undefined {
    const { staticPath } = this.#options
    const known = url.startsWith(staticPath) ? this.#known(url.slice(staticPath.length)) : undefined
    if (known === undefined) return undefined
    const file = new StaticFile(known, this.#options)
    this.#answers.set(url, file)
    return file
  }

  #known(name: string): KnownFile | undefined {
    const source = this.#sources.get(name)
    if (source === undefined) return undefined
    const place = {
      name,
      path: path.join(this.#options.root, name),
      immutable: isHashedName(name, this.#paths),
    }
    if ('encodings' in source) return { ...place, content: undefined, encodings: source.encodings }
    const content = contentOf(source)
    return content && { ...place, content, encodings: [] }
  }

  #addRootFiles(folder: string): void {
    for (const { name, encodings } of listed(folder, { paths: new Map(), manifest: '' }).values()) {
      const known = { name, path: path.join(folder, name), immutable: false, content: undefined, encodings }
      this.#answers.set(`/${name}`, new StaticFile(known, this.#options))
    }
  }

  /** The index file of each folder answers the folder's URL, and other spellings of it lead there. */
  #addFolders(index: string): void {
    const { staticPath } = this.#options
    const inStaticRoot = [...this.#sources.keys()].map(name => staticPath + name)
    for (const url of [...inStaticRoot, ...this.#answers.keys()].filter(url => basename(url) === index)) {
      const file = this.get(url)
      const folder = url.slice(0, -index.length)
      const parent = folder.slice(0, -1)
      if (file === undefined) continue
      this.#answers.set(folder, file)
      this.#answers.set(url, new Redirect('./'))
      if (parent !== '') this.#answers.set(parent, new Redirect(`./${encodeURIComponent(basename(parent))}/`))
    }
  }

  #keepFrom(before: Site): void {
    for (const [url, file] of before.#answers) {
      const now = this.get(url)
      if (file instanceof StaticFile && now instanceof StaticFile && file.isStill(now))
        this.#answers.set(url, file)
    }
  }
}

const NO_MANIFEST = { paths: new Map<string, string>(), hash: '' }

function indexRows(root: string, manifestHash: string): Map<string, Source> | undefined {
  const index = readIndexFile(root)
  if (index?.manifestHash !== manifestHash) return undefined
  const sources = new Map<string, Source>()
  for (const row of index.rows) for (const name of row[2]) sources.set(name, row)
  return sources
}

function listed(root: string, names: KnownNames): Map<string, PublicFile> {
  try {
    return new Map(listStaticRoot(root, names).map(file => [file.name, file]))
  } catch (cause) {
    throw new StaticFilesError(`cannot list ${root}: ${(cause as Error).message}`, { cause })
  }
}

/** Whether a name stands for its bytes: the manifest gives it to a file, or it has the form of what an earlier one gave. */
function isHashedName(name: string, paths: ReadonlyMap<string, string>): boolean {
  if (paths.size === 0) return false
  const plain = name.replace(/\.[0-9a-f]{12}(?=(?:\.[^./]*)?$)/u, '')
  return (plain !== name && paths.get(plain) === name) || (!paths.has(name) && unhashedName(name) !== name)
}
