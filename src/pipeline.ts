import type { Targets } from 'lightningcss'
import { type Analysis, analyse } from './analyse.ts'
import { type CollectedFile, collect, conflicts, conflictsError } from './collect.ts'
import { type Entry, nameInLocations, needsBundler } from './entries.ts'
import { rootsOf } from './finders.ts'
import { checkHashedNames, Hasher } from './hash.ts'
import { Held } from './held.ts'
import type { Inspection } from './inspect.ts'
import { type ManifestContent, manifestHash } from './manifest-file.ts'
import { describeForeign, describeMissing, type MissingReference, missingError } from './missing.ts'
import { ParseCache } from './parse-cache.ts'
import { publish } from './publish.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { SiblingReport } from './siblings.ts'
import { type StoredFile, versionsOf } from './version.ts'
import { hashedOutput, type OutputFile, plainOutput, versionedOutput } from './write.ts'

/** What the bundler made. */
export interface Bundle {
  /** The output files that are to have siblings, below the static root. */
  readonly files: readonly string[]
  /** Manifest entries: a name and what it is stored as. */
  readonly paths: ReadonlyMap<string, StoredFile>
  /** The hashed names of collected files that it refers to. */
  readonly shared: ReadonlySet<string>
  /** The absolute paths of the sources it read. */
  readonly consumed: ReadonlySet<string>
}

/** What the stages tell while they work. */
export interface PipelineLog {
  warn(message: string): void
  /** A line that the next one replaces; not shown where nobody watches. */
  progress(message: string): void
}

/** What one build did. */
export interface BuildResult {
  readonly collected: number
  /** Names below the static root, without siblings and the manifest. */
  readonly files: readonly string[]
  readonly conflicts: readonly CollectedFile[]
  readonly missing: readonly MissingReference[]
  /** Stylesheets that are rewritten but not minified, each with its place and the reason. */
  readonly unminified: readonly string[]
  /** What the manifest says. */
  readonly paths: ReadonlyMap<string, string>
  /** In bytes, of the names below the static root that were collected; 0 where nothing is hashed. */
  readonly sizes: ReadonlyMap<string, number>
  readonly siblings: SiblingReport | undefined
}

/**
 * Collects, hashes and writes static files: everything that needs no bundler. {@link Pipeline.prepare} comes before
 * bundling and changes nothing on disk, {@link Pipeline.finish} after it, {@link Pipeline.write} last.
 */
export class Pipeline {
  readonly #options: ResolvedOptions
  readonly #targets: Targets | undefined
  readonly #log: PipelineLog
  readonly #cache: ParseCache
  /** Vite's. */
  readonly #cacheDir: string
  #collected: ReadonlyMap<string, CollectedFile> = new Map()
  #found: ReadonlyMap<string, CollectedFile> = new Map()
  #missing: readonly MissingReference[] = []
  #broken: MissingReference[] | undefined
  #unminified: readonly string[] = []
  #hasher: Hasher = new Hasher(new Map())
  #names = new Map<string, string>()
  #bundle: Bundle = { files: [], paths: new Map(), shared: new Set(), consumed: new Set() }

  constructor(
    options: ResolvedOptions,
    log: PipelineLog,
    setup: { targets: Targets | undefined; watch: boolean; cacheDir: string },
  ) {
    this.#options = options
    this.#log = log
    this.#targets = setup.targets
    this.#cache = new ParseCache(setup.watch)
    this.#cacheDir = setup.cacheDir
  }

  /** The names of all collected files. */
  get names(): Iterable<string> {
    return this.#collected.keys()
  }

  /** The collected files, each with the name that it gets in the static root. */
  get files(): { name: string; source: string; outputName: string }[] {
    return [...this.#collected.values()].map(({ name, source }) => {
      return { name, source, outputName: this.outputName(source) ?? name }
    })
  }

  /** Every collected source, and what each hides. */
  get sources(): string[] {
    return [...this.#collected.values()].flatMap(file => [
      file.source,
      ...file.shadowed.map(other => other.source),
    ])
  }

  /** Entries included, and every reference that leads nowhere; `undefined` without `hash`, where no file is read. */
  get inspection(): Pick<Inspection, 'files' | 'broken'> | undefined {
    return this.#broken && { files: this.#found, broken: this.#broken }
  }

  /**
   * Runs the finders, reads the files and names them.
   * @throws StaticFilesError where references are missing or, on request, sources are shadowed
   */
  async prepare(entries: readonly Entry[]): Promise<void> {
    const { finders, ignore, staticPath, css, js, hash } = this.#options
    this.#log.progress('collecting static files')
    const collected = await collect(finders, { ignore, warn: message => this.#log.warn(message) })
    this.#found = new Map(collected)
    for (const entry of entries) collected.delete(entry.name)
    this.#collected = collected
    this.#names = new Map([...collected.values()].map(file => [file.source, file.name]))
    this.#refuseConflicts()
    if (!hash) return
    const bundled = new Set(entries.flatMap(entry => [entry.name, entry.builtName]))
    this.#log.progress(`hashing ${collected.size} static files`)
    const held = new Held()
    const analysis = await analyse(collected, {
      ...{ staticPath, css, js, bundled },
      ...{ targets: this.#targets, cache: this.#cache, held, hash },
    })
    for (const warning of analysis.warnings) this.#log.warn(warning)
    this.#missing = analysis.missing
    this.#broken = [...analysis.missing]
    this.#unminified = analysis.unminified
    this.#refuseMissing(this.#withoutForeign(analysis))
    this.#hasher = new Hasher(analysis.files, { held, mode: hash })
    this.#hasher.run(new Map())
  }

  /** The name that a source gets in the static root; `undefined` for what is not collected, or not named yet. */
  outputName(source: string): string | undefined {
    const name = this.#names.get(source) ?? nameInLocations(source, this.#options.finders)
    const file = name === undefined ? undefined : this.#collected.get(name)
    if (file?.source !== source) return undefined
    return this.#options.hash ? this.#hasher.files.get(file.name)?.hashedName : file.name
  }

  /** All names that {@link Pipeline.outputName} can answer. */
  outputNames(): Set<string> {
    return new Set([...this.#collected.values()].map(file => this.outputName(file.source) ?? file.name))
  }

  /** Takes what the bundler made, and names what refers to it. */
  finish(bundle: Bundle): void {
    this.#bundle = bundle
    this.#warnOfHiddenFiles()
    this.#hasher.run(bundle.paths)
    const missing = [...this.#hasher.waiting()]
    this.#missing = [...this.#missing, ...missing]
    this.#broken?.push(...missing)
    this.#refuseMissing(missing)
    this.#hasher.settle()
    checkHashedNames(this.#hasher.files)
  }

  /** What {@link Pipeline.write} will write: names below the static root, without siblings, and the manifest's hash. */
  plan(): { files: string[]; manifestHash: string } {
    const published = this.#published()
    const outputs = published.flatMap(file => this.#outputsOf(file))
    const { paths, versions } = this.#manifestContent(published)
    return { files: this.#namesOf(outputs), manifestHash: manifestHash(paths, versions) }
  }

  #namesOf(outputs: readonly OutputFile[]): string[] {
    return [...new Set([...outputs.flatMap(({ names }) => names), ...this.#bundle.files])]
  }

  #published(): CollectedFile[] {
    return [...this.#collected.values()].filter(file => !this.#isReplaced(file))
  }

  /** Writes all files, their siblings, and the manifest last. */
  async write(staticRoot: string): Promise<BuildResult> {
    const { dryRun } = this.#options
    const published = this.#published()
    const outputs = published.flatMap(file => this.#outputsOf(file))
    const { paths, versions } = this.#manifestContent(published)
    let siblings: SiblingReport | undefined
    if (!dryRun) {
      const publication = { outputs, bundled: this.#bundle.files, paths, versions }
      const setup = { options: this.#options, staticRoot, cacheDir: this.#cacheDir, log: this.#log }
      siblings = await publish(publication, setup)
    }
    return {
      collected: published.length,
      files: this.#namesOf(outputs),
      conflicts: conflicts(this.#collected.values()),
      missing: this.#missing,
      unminified: this.#unminified,
      paths,
      sizes: new Map(outputs.flatMap(({ names, size }) => names.map(name => [name, size] as const))),
      siblings,
    }
  }

  #refuseConflicts(): void {
    const shadowing = conflicts(this.#collected.values())
    if (this.#options.conflicts === 'error' && shadowing.length > 0) throw conflictsError(shadowing)
  }

  /** Without `strict` all are warned of, one by one. */
  #withoutForeign({ missing, foreign }: Analysis): readonly MissingReference[] {
    if (!this.#options.strict || foreign.size === 0) return missing
    this.#log.warn(describeForeign([...foreign]))
    return missing.filter(reference => !foreign.has(reference))
  }

  #refuseMissing(missing: readonly MissingReference[]): void {
    if (missing.length === 0) return
    const names = [...this.#collected.keys(), ...this.#bundle.paths.keys()]
    if (this.#options.strict) {
      throw missingError(missing, names, rootsOf(this.#options.finders))
    }
    this.#log.warn(
      `these references name files that no finder has, and stay as they are\n${describeMissing(missing, names)}`,
    )
  }

  /** Built into the bundle and of no use beside it; what another file refers to is kept. */
  #isReplaced({ name, source }: CollectedFile): boolean {
    if (this.#hasher.referenced.has(name)) return false
    const { consumed, paths } = this.#bundle
    return paths.has(name) || (consumed.has(source) && needsBundler(source))
  }

  #warnOfHiddenFiles(): void {
    for (const name of this.#bundle.paths.keys()) {
      const source = this.#collected.get(name)?.source
      if (source === undefined || this.#bundle.consumed.has(source)) continue
      this.#log.warn(`${source} is not published: the bundle makes a file of the same name, ${name}`)
    }
  }

  #outputsOf(file: CollectedFile): OutputFile[] {
    const { hash, keepUnhashed } = this.#options
    if (!hash) return [plainOutput(file)]
    const hashed = this.#hasher.files.get(file.name)!
    if (hash === 'query') return [versionedOutput(hashed, this.#bundle.shared.has(hashed.hashedName))]
    return hashedOutput(hashed, keepUnhashed)
  }

  /** What the bundler made comes before a collected file of the same name, as an earlier finder would. */
  #manifestContent(published: readonly CollectedFile[]): Pick<ManifestContent, 'paths' | 'versions'> {
    const { hash } = this.#options
    const collected = published.map(({ name }): [string, StoredFile] => {
      return [name, hash ? this.#hasher.files.get(name)!.stored : { name }]
    })
    const stored = new Map([...collected, ...this.#bundle.paths])
    const paths = new Map([...stored].map(([name, file]) => [name, file.name]))
    return { paths, versions: hash === 'query' ? versionsOf(stored) : undefined }
  }
}
