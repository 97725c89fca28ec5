import type { Targets } from 'lightningcss'
import type { CollectedFile } from './collect.ts'
import { mapConcurrently } from './concurrency.ts'
import { Held } from './held.ts'
import { isInstalled } from './installed.ts'
import { minify } from './minify.ts'
import type { MissingReference } from './missing.ts'
import { foldersAbove } from './names.ts'
import {
  isText,
  type Parsed,
  type ParseOptions,
  parseFile,
  parseSourceMap,
  type Source,
  type Text,
  textOf,
} from './parse.ts'
import type { ParseCache } from './parse-cache.ts'
import { positionOf } from './position.ts'
import type { LightningTemplate } from './references/lightning.ts'
import type { Reference } from './references/reference.ts'
import { type ResolvedReference, resolveReference } from './references/resolve.ts'
import { filling, type Rewriting, splicing } from './rewrite.ts'
import { share } from './threads.ts'

/** A collected file, read. */
export interface AnalysedFile {
  readonly name: string
  readonly source: string
  /** MD5 of the source's bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Changes when the source does. */
  readonly version: string
  /** Only of files whose references are written anew. */
  readonly rewriting?: Rewriting
}

/** What {@link analyse} found. */
export interface Analysis {
  readonly files: ReadonlyMap<string, AnalysedFile>
  readonly missing: readonly MissingReference[]
  /** Of the missing: imports in scripts of installed packages, often sources of a bundler that no browser is to load. */
  readonly foreign: ReadonlySet<MissingReference>
  readonly warnings: readonly string[]
  /** Stylesheets that are rewritten but not minified, each with its place and the reason. */
  readonly unminified: readonly string[]
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
  readonly hash?: 'name' | 'query'
  /** What lightningcss writes CSS for. */
  readonly targets: Targets | undefined
  /** Names that the bundler will make: references to them are resolved later. */
  readonly bundled: ReadonlySet<string>
  /** What earlier builds of this process parsed; only changed files are read again. */
  readonly cache: ParseCache
  /** What is kept of texts in memory. */
  readonly held?: Held
}

const FILES_AT_ONCE = 32

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
  readonly unminified: string[] = []
  readonly #collected: ReadonlyMap<string, CollectedFile>
  readonly #options: AnalyseOptions
  readonly #folders: ReadonlySet<string>
  readonly #held: Held

  constructor(collected: ReadonlyMap<string, CollectedFile>, options: AnalyseOptions) {
    this.#collected = collected
    this.#options = options
    this.#folders = foldersOf(collected.keys())
    this.#held = options.held ?? new Held()
  }

  async run(): Promise<void> {
    const parsed = await this.#parse({ modules: this.#options.js === 'modules' })
    for (const { name, source } of this.#collected.values()) {
      this.#add(name, source, parsed.get(name)!)
      parsed.delete(name)
    }
    // The name that a map says is no URL to load: it needs no version.
    if (this.#options.js === 'modules' && this.#options.hash !== 'query') await this.#rewriteSourceMaps()
  }

  async #parse(options: ParseOptions): Promise<Map<string, Parsed>> {
    const { cache } = this.#options
    const files = [...this.#collected.values()].map(({ name, source }) => ({ name, source }))
    // What takes longest comes first.
    files.sort((one, other) => Number(isText(other.name)) - Number(isText(one.name)))
    const parse = (file: Source) => parseFile(file, options)
    const parsed = cache.enabled
      ? await mapConcurrently(files, FILES_AT_ONCE, file =>
          cache.parse(file.source, file.name, () => parse(file)),
        )
      : await share<Source, Parsed>({ job: 'parse', items: files, options, send: file => file, here: parse })
    return new Map(files.map(({ name }, index) => [name, parsed[index]!]))
  }

  #add(name: string, source: string, parsed: Parsed): void {
    for (const warning of parsed.warnings) this.warnings.push(`${source} ${warning}`)
    const { hash, size, version } = parsed
    const rewriting = parsed.references.length > 0 && this.#rewriting(name, source, parsed)
    this.files.set(name, { name, source, hash, size, version, ...(rewriting && { rewriting }) })
  }

  #rewriting(name: string, source: string, parsed: Parsed): Rewriting | undefined {
    const text = this.#textOf(source, parsed)
    const resolved: ResolvedReference[] = []
    const dropped: Reference[] = []
    for (const reference of parsed.references) {
      const target = resolveReference(reference, name, this.#options.staticPath)
      if (target === undefined || this.#namesFolder(target)) continue
      if (this.#exists(target.name)) resolved.push(target)
      else if (reference.kind === 'source-map') dropped.push(reference)
      else this.#addMissing(describe(text(), source, target), reference)
    }
    for (const reference of dropped) this.#warnDropped(text(), source, reference)
    if (resolved.length + dropped.length === 0) return undefined
    return this.#minified(name, source, parsed, text, resolved, dropped) ?? splicing(text, resolved, dropped)
  }

  /** Django looks at no imports, and what a package ships beside its bundles nobody can correct. */
  #addMissing(missing: MissingReference, { kind }: Reference): void {
    this.missing.push(missing)
    if (kind === 'module' && isInstalled(missing.source)) this.foreign.add(missing)
  }

  #minified(
    name: string,
    source: string,
    parsed: Parsed,
    text: () => Text,
    resolved: readonly ResolvedReference[],
    dropped: readonly Reference[],
  ): Rewriting | undefined {
    if (this.#options.css !== 'lightningcss' || !name.endsWith('.css')) return undefined
    const references = parsed.references.filter(reference => !dropped.includes(reference))
    const result = this.#held.hold(parsed.size, () =>
      minify(source, text(), references, this.#options.targets),
    )
    const first = result()
    if ('problem' in first) this.unminified.push(first.problem)
    return 'render' in first ? filling(result as () => LightningTemplate, text, resolved) : undefined
  }

  #textOf(source: string, parsed: Parsed): () => Text {
    return this.#held.hold(parsed.size, () => textOf(source, parsed))
  }

  /** A map and the file it belongs to name each other, so they are hashed as a cycle. */
  async #rewriteSourceMaps(): Promise<void> {
    for (const [name, owners] of this.#ownersOfSourceMaps()) {
      const file = this.files.get(name)
      if (file === undefined) continue
      const parsed = await this.#options.cache.parse(file.source, 'source-map', () =>
        parseSourceMap(file.source),
      )
      const [reference] = parsed.references
      const target = reference && resolveReference(reference, name, this.#options.staticPath)
      if (target?.name !== undefined && owners.has(target.name)) {
        const text = this.#textOf(file.source, parsed)
        this.files.set(name, { ...file, rewriting: splicing(text, [target], []) })
      }
    }
  }

  /** Several files may name one map. */
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

  /** Folders are left alone, as in Django; but no browser imports one, whatever Node and bundlers do. */
  #namesFolder({ name, reference }: ResolvedReference): boolean {
    return name !== undefined && reference.kind !== 'module' && this.#folders.has(name)
  }

  #warnDropped(text: Text, source: string, reference: Reference): void {
    const { line, column } = positionOf(text.source, reference.start)
    const place = `${source}:${line}:${column}`
    this.warnings.push(
      `${place} names the source map ${reference.url}, which no finder has: the comment is dropped`,
    )
  }
}

function describe(text: Text, source: string, { reference, name }: ResolvedReference): MissingReference {
  return { source, ...positionOf(text.source, reference.start), url: reference.url, name }
}

/** The names of all folders; the static root itself is ''. */
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
