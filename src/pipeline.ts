import path from 'node:path'
import type { Targets } from 'lightningcss'
import { type Analysis, analyse } from './analyse.ts'
import { type CollectedFile, collect, conflicts, conflictsError } from './collect.ts'
import { type Entry, nameInLocations, needsBundler } from './entries.ts'
import { giveMode } from './file-mode.ts'
import { rootsOf } from './finders.ts'
import { checkHashedNames, Hasher } from './hash.ts'
import { INDEX } from './index-file.ts'
import { integrityOf } from './integrity.ts'
import { writeIndex } from './make-index.ts'
import { writeManifest } from './manifest.ts'
import { describeForeign, describeMissing, type MissingReference, missingError } from './missing.ts'
import { ParseCache } from './parse-cache.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { type SiblingReport, writeSiblings } from './siblings.ts'
import { filesBelow, hashedOutput, type OutputFile, plainOutput, writeFiles } from './write.ts'

/** What the bundler made. */
export interface Bundle {
  /** The output files that are to have siblings, below the static root. */
  readonly files: readonly string[]
  /** Manifest entries: a name and the hashed name it stands for. */
  readonly paths: ReadonlyMap<string, string>
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
  #collected: ReadonlyMap<string, CollectedFile> = new Map()
  #missing: readonly MissingReference[] = []
  #unminified: readonly string[] = []
  #hasher: Hasher = new Hasher(new Map())
  #names = new Map<string, string>()
  #bundle: Bundle = { files: [], paths: new Map(), consumed: new Set() }

  constructor(
    options: ResolvedOptions,
    log: PipelineLog,
    setup: { targets: Targets | undefined; watch: boolean },
  ) {
    this.#options = options
    this.#log = log
    this.#targets = setup.targets
    this.#cache = new ParseCache(setup.watch)
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

  /**
   * Runs the finders, reads the files and names them.
   * @throws StaticFilesError where references are missing or, on request, sources are shadowed
   */
  async prepare(entries: readonly Entry[]): Promise<void> {
    const { finders, ignore, staticPath, css, js, hash } = this.#options
    this.#log.progress('collecting static files')
    const collected = await collect(finders, { ignore, warn: message => this.#log.warn(message) })
    for (const entry of entries) collected.delete(entry.name)
    this.#collected = collected
    this.#names = new Map([...collected.values()].map(file => [file.source, file.name]))
    this.#refuseConflicts()
    if (!hash) return
    const bundled = new Set(entries.flatMap(entry => [entry.name, entry.builtName]))
    this.#log.progress(`hashing ${collected.size} static files`)
    const analysis = await analyse(collected, {
      ...{ staticPath, css, js, bundled },
      ...{ targets: this.#targets, cache: this.#cache },
    })
    for (const warning of analysis.warnings) this.#log.warn(warning)
    this.#missing = analysis.missing
    this.#unminified = analysis.unminified
    this.#refuseMissing(this.#withoutForeign(analysis))
    this.#hasher = new Hasher(analysis.files)
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
    this.#refuseMissing(missing)
    this.#hasher.settle()
    checkHashedNames(this.#hasher.files)
  }

  /** What {@link Pipeline.write} will write: names below the static root, without siblings, and the manifest's content. */
  plan(): { files: string[]; paths: ReadonlyMap<string, string> } {
    const published = this.#published()
    const outputs = published.flatMap(file => this.#outputsOf(file))
    return { files: this.#namesOf(outputs), paths: this.#manifestPaths(published) }
  }

  #namesOf(outputs: readonly OutputFile[]): string[] {
    return [...new Set([...outputs.flatMap(({ names }) => names), ...this.#bundle.files])]
  }

  #published(): CollectedFile[] {
    return [...this.#collected.values()].filter(file => !this.#isReplaced(file))
  }

  /** Writes all files, their siblings, and the manifest last. */
  async write(staticRoot: string): Promise<BuildResult> {
    const { dryRun, manifest, fileMode, integrity } = this.#options
    const published = this.#published()
    const outputs = published.flatMap(file => this.#outputsOf(file))
    const paths = this.#manifestPaths(published)
    let siblings: SiblingReport | undefined
    if (!dryRun) {
      this.#log.progress(`writing ${outputs.length} static files`)
      const existing = await filesBelow(staticRoot)
      for (const file of this.#bundle.files) giveMode(path.join(staticRoot, file), fileMode)
      await writeFiles(outputs, { ...this.#options, staticRoot, existing })
      siblings = await this.#compress(outputs, staticRoot, existing)
      const digests = integrity ? await integrityOf(new Set(paths.values()), staticRoot) : undefined
      await writeIndex(staticRoot, { manifest, paths, hashes: this.#hashesOf(outputs) })
      giveMode(path.join(staticRoot, INDEX), fileMode)
      await writeManifest(path.resolve(staticRoot, manifest), paths, digests)
      giveMode(path.resolve(staticRoot, manifest), fileMode)
    }
    return {
      collected: published.length,
      files: this.#namesOf(outputs),
      conflicts: conflicts(this.#collected.values()),
      missing: this.#missing,
      unminified: this.#unminified,
      paths,
      siblings,
    }
  }

  /** By name; without hashed names, files are copied unread. */
  #hashesOf(outputs: readonly OutputFile[]): Map<string, string> {
    if (!this.#options.hash) return new Map()
    return new Map(outputs.flatMap(({ names, hash }) => names.map((name): [string, string] => [name, hash])))
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
    if (!this.#options.hash) return [plainOutput(file)]
    return hashedOutput(this.#hasher.files.get(file.name)!, this.#options.keepUnhashed)
  }

  async #compress(
    outputs: readonly OutputFile[],
    staticRoot: string,
    existing: ReadonlySet<string>,
  ): Promise<SiblingReport> {
    const below = (name: string) => path.join(staticRoot, name)
    const bundled = this.#bundle.files.map(name => ({
      contentHash: name,
      source: below(name),
      targets: [below(name)],
    }))
    const collected = outputs.map(({ hash, content, names }) => {
      return { contentHash: hash, source: content, targets: names.map(below) }
    })
    return writeSiblings([...bundled, ...collected], this.#options.compression, {
      existing,
      fileMode: this.#options.fileMode,
      onProgress: (done, total) => this.#log.progress(`compressing ${Math.floor((100 * done) / total)} %`),
    })
  }

  /** What the bundler made comes before a collected file of the same name, as an earlier finder would. */
  #manifestPaths(published: readonly CollectedFile[]): Map<string, string> {
    const { hash } = this.#options
    const collected = published.map(({ name }): [string, string] => {
      return [name, hash ? this.#hasher.files.get(name)!.hashedName : name]
    })
    return new Map([...collected, ...this.#bundle.paths])
  }
}
