import type { Targets } from 'lightningcss'
import { cacheFile } from '../base/files/cache-file.ts'
import type { PipelineLog } from '../base/log.ts'
import { keepThreads } from '../base/threads.ts'
import { type CollectedFile, collect, conflicts, conflictsError } from '../finders/collect.ts'
import { type Entry, nameInLocations } from '../finders/entries.ts'
import { rootsOf } from '../finders/finders.ts'
import { type Analysis, analyse } from '../hash/analyse.ts'
import { checkHashedNames, Hasher } from '../hash/hasher.ts'
import { RewriteCache } from '../hash/rewrite-cache.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import {
  describeForeign,
  describeMissing,
  type MissingReference,
  missingError,
} from '../references/missing.ts'
import { ParseCache } from '../references/parse-cache.ts'
import { publish } from '../static-root/fill.ts'
import type { Plan } from '../static-root/plan.ts'
import type { SiblingReport } from '../static-root/siblings/write-siblings.ts'
import type { Inspection } from './inspect.ts'
import { type Bundle, makePlan } from './plan.ts'

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
  /** What was collected, by name below the static root; its size in bytes is 0 where nothing is hashed. */
  readonly written: ReadonlyMap<string, { readonly size: number }>
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
  readonly #rewrites: RewriteCache
  /** Vite's. */
  readonly #cacheDir: string
  #collected: ReadonlyMap<string, CollectedFile> = new Map()
  #found: ReadonlyMap<string, CollectedFile> = new Map()
  #missing: readonly MissingReference[] = []
  #broken: MissingReference[] | undefined
  #hasher: Hasher = new Hasher(new Map())
  /** By source; made when it is asked for first. */
  #names: ReadonlyMap<string, string> | undefined
  #bundle: Bundle = { files: [], paths: new Map(), shared: new Set(), consumed: new Set() }
  #plan: Plan | undefined
  #releaseThreads: () => Promise<void> = async () => {}

  constructor(
    options: ResolvedOptions,
    log: PipelineLog,
    setup: { targets: Targets | undefined; watch: boolean; cacheDir: string },
  ) {
    this.#options = options
    this.#log = log
    this.#targets = setup.targets
    const { root, js, css, dryRun } = options
    const fileOf = (name: string, ...kind: unknown[]) =>
      dryRun ? undefined : cacheFile(setup.cacheDir, name, [root, ...kind])
    this.#cache = new ParseCache({ file: fileOf('parsed', js), keep: setup.watch })
    this.#rewrites = new RewriteCache(fileOf('rewritten', js, css, options.hash))
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
    this.#found = entries.length > 0 ? new Map(collected) : collected
    for (const entry of entries) collected.delete(entry.name)
    this.#collected = collected
    this.#names = undefined
    this.#refuseConflicts()
    if (!hash) return
    // A build before that was given up keeps them for this one.
    const releaseBefore = this.#releaseThreads
    this.#releaseThreads = keepThreads()
    await releaseBefore()
    const bundled = new Set(entries.flatMap(entry => [entry.name, entry.builtName]))
    this.#log.progress(`hashing ${collected.size} static files`)
    const rewrites = this.#rewrites
    rewrites.start()
    const analysis = await analyse(collected, {
      ...{ staticPath, css, js, bundled },
      ...{ cache: this.#cache, rewrites, hash },
    })
    for (const warning of analysis.warnings) this.#log.warn(warning)
    this.#missing = analysis.missing
    this.#broken = [...analysis.missing]
    this.#refuseMissing(this.#withoutForeign(analysis))
    this.#hasher = new Hasher(analysis.files, { targets: this.#targets, rewrites, mode: hash })
    await this.#hasher.run(new Map())
  }

  /** The name that a source gets in the static root; `undefined` for what is not collected, or not named yet. */
  outputName(source: string): string | undefined {
    this.#names ??= new Map([...this.#collected.values()].map(file => [file.source, file.name]))
    const name = this.#names.get(source) ?? nameInLocations(source, this.#options.finders)
    const file = name === undefined ? undefined : this.#collected.get(name)
    return file?.source === source ? this.#outputNameOf(file) : undefined
  }

  #outputNameOf({ name }: CollectedFile): string | undefined {
    return this.#options.hash ? this.#hasher.files.get(name)?.hashedName : name
  }

  /** All names that {@link Pipeline.outputName} can answer. */
  outputNames(): Set<string> {
    return new Set([...this.#collected.values()].map(file => this.#outputNameOf(file) ?? file.name))
  }

  /** Takes what the bundler made, and names what refers to it. */
  async finish(bundle: Bundle): Promise<void> {
    this.#bundle = bundle
    this.#plan = undefined
    this.#warnOfHiddenFiles()
    await this.#hasher.run(bundle.paths)
    const missing = [...this.#hasher.waiting()]
    this.#missing = [...this.#missing, ...missing]
    this.#broken?.push(...missing)
    this.#refuseMissing(missing)
    await this.#hasher.settle()
    this.#rewrites.save()
    checkHashedNames(this.#hasher.files)
  }

  /** What {@link Pipeline.write} will write. */
  get plan(): Plan {
    this.#plan ??= makePlan({
      ...{ options: this.#options, collected: this.#collected },
      ...{ hasher: this.#hasher, bundle: this.#bundle },
    })
    return this.#plan
  }

  /** Writes all files, their siblings, and the manifest last. */
  async write(staticRoot: string): Promise<BuildResult> {
    const { plan } = this
    const setup = {
      ...{ options: this.#options, staticRoot, cacheDir: this.#cacheDir, log: this.#log },
      releaseThreads: this.#releaseThreads,
    }
    const siblings = this.#options.dryRun ? undefined : await publish(plan, setup)
    return {
      collected: plan.published.length,
      files: plan.files,
      conflicts: conflicts(this.#collected.values()),
      missing: this.#missing,
      unminified: [...this.#collected.keys()].flatMap(
        name => this.#hasher.files.get(name)?.rewritten?.problem ?? [],
      ),
      paths: plan.paths,
      written: plan.written,
      siblings,
    }
  }

  /** Ends the threads of a build that ends early; {@link Pipeline.write} does so by itself. */
  async end(): Promise<void> {
    await this.#releaseThreads()
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

  #warnOfHiddenFiles(): void {
    for (const name of this.#bundle.paths.keys()) {
      const source = this.#collected.get(name)?.source
      if (source === undefined || this.#bundle.consumed.has(source)) continue
      this.#log.warn(`${source} is not published: the bundle makes a file of the same name, ${name}`)
    }
  }
}
