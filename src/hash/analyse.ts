import { isInstalled } from '../base/installed.ts'
import { foldersAbove } from '../base/names.ts'
import { share } from '../base/share.ts'
import type { HashMode } from '../base/stored-file.ts'
import { type Position, positionOf } from '../base/text/position.ts'
import type { CollectedFile } from '../finders/collect.ts'
import type { MissingReference } from '../references/missing.ts'
import {
  type FileToParse,
  kindOf,
  type Parsed,
  type ParseOptions,
  parseJob,
  parseSourceMap,
  type Text,
  textOf,
} from '../references/parse.ts'
import type { ParseCache } from '../references/parse-cache.ts'
import type { Reference } from '../references/reference.ts'
import { type ResolvedReference, resolveReference } from '../references/resolve.ts'
import type { AnalysedFile, Rewriting } from './analysed-file.ts'
import { RewriteCache } from './rewrite-cache.ts'

/** What {@link analyse} found. */
export interface Analysis {
  readonly files: ReadonlyMap<string, AnalysedFile>
  readonly missing: readonly MissingReference[]
  /** Missing imports in scripts of installed packages, which often are sources for a bundler, not for a browser. */
  readonly foreign: ReadonlySet<MissingReference>
  readonly warnings: readonly string[]
}

/** How files are analysed. */
export interface AnalyseOptions {
  /** The path of the static URL. */
  readonly staticPath: string
  readonly css: 'lightningcss' | 'preserve'
  readonly js: 'modules' | 'source-maps'
  /**
   * Where references carry the hash of a file: in its name, or in their query.
   * @default 'name'
   */
  readonly hash?: HashMode
  /** Names that the bundler will build: references to them are resolved later. */
  readonly bundled: ReadonlySet<string>
  /** What earlier builds parsed, so that only changed files are read again. */
  readonly cache: ParseCache
  /** What earlier builds rewrote. */
  readonly rewrites?: RewriteCache
}

/** Reads all files and resolves their references. */
export async function analyse(
  files: ReadonlyMap<string, CollectedFile>,
  options: AnalyseOptions,
): Promise<Analysis> {
  const analyser = new Analyser(files, options)
  await analyser.run()
  return analyser
}

class Analyser implements Analysis {
  readonly files = new Map<string, AnalysedFile>()
  readonly missing: MissingReference[] = []
  readonly foreign = new Set<MissingReference>()
  readonly warnings: string[] = []
  readonly #collected: ReadonlyMap<string, CollectedFile>
  readonly #options: AnalyseOptions
  readonly #folders: ReadonlySet<string>
  readonly #rewrites: RewriteCache

  constructor(collected: ReadonlyMap<string, CollectedFile>, options: AnalyseOptions) {
    this.#collected = collected
    this.#options = options
    this.#folders = foldersOf(collected.keys())
    this.#rewrites = options.rewrites ?? new RewriteCache()
  }

  async run(): Promise<void> {
    const parsed = await this.#parse({ modules: this.#options.js === 'modules' })
    for (const { name, source } of this.#collected.values()) {
      this.#add(name, source, parsed.get(name)!)
      parsed.delete(name)
    }
    // The name in a map is not a URL that is loaded, so it needs no version.
    if (this.#options.js === 'modules' && this.#options.hash !== 'query') this.#rewriteSourceMaps()
    this.#options.cache.save()
  }

  async #parse(options: ParseOptions): Promise<Map<string, Parsed>> {
    const { cache } = this.#options
    const parsed = new Map<string, Parsed>()
    const [texts, others]: [FileToParse[], FileToParse[]] = [[], []]
    for (const { name, source } of this.#collected.values()) {
      const cached = cache.get(source, kindOf(name))
      if (cached) parsed.set(name, cached)
      else (kindOf(name) === 'nothing' ? others : texts).push({ name, source })
    }
    // The files that take longest come first.
    const items = [...texts, ...others]
    const results = await share(parseJob, items, options, { send: file => file })
    for (const [index, { name, source }] of items.entries()) {
      cache.set(source, kindOf(name), results[index]!)
      parsed.set(name, results[index]!)
    }
    return parsed
  }

  #add(name: string, source: string, parsed: Parsed): void {
    for (const warning of parsed.warnings) this.warnings.push(`${source} ${warning}`)
    const { hash, size, fingerprint } = parsed
    const rewriting = parsed.references.length > 0 && this.#rewriting(name, source, parsed)
    const file = { name, source, hash, size, fingerprint }
    this.files.set(name, rewriting ? { ...file, rewriting } : file)
  }

  #rewriting(name: string, source: string, parsed: Parsed): Rewriting | undefined {
    const references: ResolvedReference[] = []
    const dropped: Reference[] = []
    const placeOf = this.#places(source, parsed)
    for (const reference of parsed.references) {
      const target = resolveReference(reference, name, this.#options.staticPath)
      if (target === undefined || this.#namesFolder(target)) continue
      if (this.#exists(target.name)) references.push(target)
      else if (reference.kind === 'source-map') dropped.push(reference)
      else
        this.#addMissing({ source, ...placeOf(reference), url: reference.url, name: target.name }, reference)
    }
    for (const reference of dropped) this.#warnDropped(source, reference, placeOf(reference))
    if (references.length + dropped.length === 0) return undefined
    const isMinified = this.#options.css === 'lightningcss' && name.endsWith('.css')
    const staying = parsed.references.filter(reference => !dropped.includes(reference))
    return { references, dropped, ...(isMinified && { minified: staying }) }
  }

  /** Returns the positions of references; the file is read again at most once. */
  #places(source: string, { hash, fingerprint }: Parsed): (reference: Reference) => Position {
    let text: Text | undefined
    return ({ start }) => {
      const parts = [hash, 'at', start]
      const cached = this.#rewrites.get<Position>(parts)
      text ??= cached ? undefined : textOf({ source, fingerprint })
      const place = cached ?? positionOf(text!.text, start)
      if (!cached) this.#rewrites.set(parts, place)
      return place
    }
  }

  /** Django ignores imports, and nobody can correct what a package ships beside its bundles: these are foreign. */
  #addMissing(missing: MissingReference, { kind }: Reference): void {
    this.missing.push(missing)
    if (kind === 'module' && isInstalled(missing.source)) this.foreign.add(missing)
  }

  /** Rewrites maps: a map and the file it belongs to name each other, so they are hashed as a cycle. */
  #rewriteSourceMaps(): void {
    for (const [name, owners] of this.#ownersOfSourceMaps()) {
      const file = this.files.get(name)
      if (file === undefined) continue
      const parsed = this.#parsedMap(file.source)
      const [reference] = parsed.references
      const target = reference && resolveReference(reference, name, this.#options.staticPath)
      if (target?.name !== undefined && owners.has(target.name)) {
        this.files.set(name, { ...file, rewriting: { references: [target], dropped: [] } })
      }
    }
  }

  #parsedMap(source: string): Parsed {
    const { cache } = this.#options
    const cached = cache.get(source, 'source-map')
    if (cached) return cached
    const parsed = parseSourceMap(source)
    cache.set(source, 'source-map', parsed)
    return parsed
  }

  /** Returns the files that name each map: there may be several. */
  #ownersOfSourceMaps(): Map<string, Set<string>> {
    const owners = new Map<string, Set<string>>()
    for (const { name, rewriting } of this.files.values()) {
      for (const { reference, name: map } of rewriting?.references ?? []) {
        if (reference.kind !== 'source-map' || map === undefined) continue
        owners.set(map, (owners.get(map) ?? new Set()).add(name))
      }
    }
    return owners
  }

  #exists(name: string | undefined): boolean {
    return name !== undefined && (this.#collected.has(name) || this.#options.bundled.has(name))
  }

  /** Tells whether a name is a folder's. These are left alone, as in Django; but browsers never import a folder. */
  #namesFolder({ name, reference }: ResolvedReference): boolean {
    return name !== undefined && reference.kind !== 'module' && this.#folders.has(name)
  }

  #warnDropped(source: string, reference: Reference, { line, column }: Position): void {
    const place = `${source}:${line}:${column}`
    this.warnings.push(
      `${place} names the source map ${reference.url}, which no finder has: the comment is dropped`,
    )
  }
}

/** Returns the names of all folders; the static root itself is ''. */
function foldersOf(names: Iterable<string>): Set<string> {
  const folders = new Set([''])
  for (const name of names) {
    for (const folder of foldersAbove(name)) {
      if (folders.has(folder)) break
      folders.add(folder)
    }
  }
  return folders
}
