import type { Encoding } from '../base/encodings.ts'
import { StaticFilesError } from '../base/errors.ts'
import { basename, unhashedName } from '../base/names.ts'
import { contentOf, type IndexRow, readIndexFile } from '../static-root/index/index-file.ts'
import { listStaticRoot, type ManifestFacts, type PublicFile } from '../static-root/list.ts'
import { readManifest } from '../static-root/manifest/manifest-file.ts'
import { HeaderMaker } from './headers.ts'
import type { ResolvedServerOptions } from './options.ts'
import { StaticFile } from './static-file.ts'
import type { ServableFile } from './variant.ts'

/** A redirect to another URL. */
export class Redirect {
  /** Relative to the URL of the request. */
  readonly location: string

  constructor(location: string) {
    this.location = location
  }
}

/** What the server knows about a name: a row of the index, or a file of a listing. */
type FileFacts = IndexRow | PublicFile

/** Maps URLs to the files that the folder held when it was last read. Nothing else is served, and no request searches the disk. */
export class UrlMap {
  readonly #options: ResolvedServerOptions
  readonly #maker: HeaderMaker
  readonly #paths: ReadonlyMap<string, string>
  /** The files by their names below the static root; the first request for a name replaces its facts with a file. */
  readonly #files: Map<string, FileFacts | StaticFile>
  /** The root files, index files and redirects, by the decoded path of their URL. */
  readonly #others = new Map<string, StaticFile | Redirect>()

  /**
   * Reads the manifest and the index, or lists the folder if no index belongs to the manifest.
   * @param before the previous map: files that did not change keep their bodies
   * @throws StaticFilesError if the manifest or the folder cannot be read
   */
  constructor(options: ResolvedServerOptions, before?: UrlMap) {
    const { root, manifest, index, rootFiles } = options
    const { paths, hash } = manifest === false ? NO_MANIFEST : readManifest(manifest)
    const rows = manifest === false ? undefined : indexRows(root, hash)
    this.#options = options
    this.#maker = new HeaderMaker(options)
    this.#files = rows ?? listed(root, { paths, manifest: manifest || '' })
    this.#paths = paths
    if (before !== undefined) this.#keepFrom(before)
    if (rootFiles !== undefined) this.#addRootFiles(rootFiles)
    if (index !== false) this.#addFolders(index)
  }

  /** @param url a decoded path */
  get(url: string): StaticFile | Redirect | undefined {
    const other = this.#others.size > 0 ? this.#others.get(url) : undefined
    if (other !== undefined) return other
    const { staticPath } = this.#options
    if (!url.startsWith(staticPath)) return undefined
    const name = url.slice(staticPath.length)
    const found = this.#files.get(name)
    return found === undefined || found instanceof StaticFile ? found : this.#createFile(name, found)
  }

  #createFile(name: string, facts: FileFacts): StaticFile | undefined {
    const servable = this.#servable(name, facts)
    if (servable === undefined) return undefined
    const file = new StaticFile(servable, this.#maker)
    this.#files.set(name, file)
    return file
  }

  #servable(name: string, facts: FileFacts): ServableFile | undefined {
    const { root } = this.#options
    const immutable = isHashedName(name, this.#paths)
    if ('encodings' in facts)
      return { name: facts.name, folder: root, immutable, row: undefined, encodings: facts.encodings }
    if (contentOf(facts) === undefined) return undefined
    // This is the index's string: a slice of the URL would keep the whole URL in memory.
    const own = facts[2].find(each => each === name) ?? name
    return { name: own, folder: root, immutable, row: facts, encodings: NO_ENCODINGS }
  }

  #addRootFiles(folder: string): void {
    for (const { name, encodings } of listed(folder, { paths: new Map(), manifest: '' }).values()) {
      const servable = { name, folder, immutable: false, row: undefined, encodings }
      this.#others.set(`/${name}`, new StaticFile(servable, this.#maker))
    }
  }

  /** Maps the URL of each folder to its index file, and redirects its other spellings. */
  #addFolders(index: string): void {
    const { staticPath } = this.#options
    const inStaticRoot = [...this.#files.keys()].map(name => staticPath + name)
    for (const url of [...inStaticRoot, ...this.#others.keys()].filter(url => basename(url) === index)) {
      const file = this.get(url)
      const folder = url.slice(0, -index.length)
      const parent = folder.slice(0, -1)
      if (file === undefined) continue
      this.#others.set(folder, file)
      this.#others.set(url, new Redirect('./'))
      if (parent !== '') this.#others.set(parent, new Redirect(`./${encodeURIComponent(basename(parent))}/`))
    }
  }

  #keepFrom(before: UrlMap): void {
    for (const [name, file] of before.#files) {
      if (!(file instanceof StaticFile)) continue
      const facts = this.#files.get(name)
      const servable = facts && !(facts instanceof StaticFile) ? this.#servable(name, facts) : undefined
      if (servable !== undefined && file.isStill(servable)) this.#files.set(name, file)
    }
  }
}

const NO_ENCODINGS: readonly Encoding[] = []
const NO_MANIFEST = { paths: new Map<string, string>(), hash: '' }

function indexRows(root: string, manifestHash: string): Map<string, FileFacts> | undefined {
  const index = readIndexFile(root)
  if (index?.manifestHash !== manifestHash) return undefined
  const files = new Map<string, FileFacts>()
  for (const row of index.rows) for (const name of row[2]) files.set(name, row)
  return files
}

function listed(root: string, names: ManifestFacts): Map<string, PublicFile> {
  try {
    return new Map(listStaticRoot(root, names).map(file => [file.name, file]))
  } catch (cause) {
    throw new StaticFilesError(`cannot list ${root}: ${(cause as Error).message}`, { cause })
  }
}

/** Whether a name contains a hash: the manifest maps a name to it, or it looks like a name of an earlier manifest. */
function isHashedName(name: string, paths: ReadonlyMap<string, string>): boolean {
  if (paths.size === 0) return false
  const plain = name.replace(/\.[0-9a-f]{12}(?=(?:\.[^./]*)?$)/u, '')
  return (plain !== name && paths.get(plain) === name) || (!paths.has(name) && unhashedName(name) !== name)
}
