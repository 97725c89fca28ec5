import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Targets } from 'lightningcss'
import { contains } from '../base/files/paths.ts'
import { type Prepared, prepare } from '../build/pipeline.ts'
import type { BuildPlan, BuildResult, Bundle } from '../build/plan.ts'
import { rememberBuild } from '../build/report/changes.ts'
import { openCaches, type PipelineSetup } from '../build/setup.ts'
import { cssName, type Entry } from '../finders/entries.ts'
import { rootsOf } from '../finders/finders.ts'
import { checkFolders } from '../options/checks.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { checkMissingNames } from '../references/templates/missing.ts'
import { referencesIn, type TemplateReference } from '../references/templates/read.ts'
import { fill } from '../static-root/fill.ts'
import { markAsFilled } from '../static-root/foreign.ts'
import { namesDeclaration } from '../static-root/manifest/manifest.ts'
import { describeBundle } from './bundle.ts'
import { checkEntries, checkPlainNames } from './entries/check-entries.ts'
import { FinderPaths } from './entries/finder-paths.ts'
import { builtNamesIn, lostEntriesWarning } from './entries/lost-entries.ts'
import { type Log, summary } from './log.ts'
import { type OutputBundle, takeOut } from './output-bundle.ts'
import { inFolder } from './output-names.ts'
import { addPartials } from './partials.ts'
import { plainEntries } from './plain-entries.ts'
import { type CompleteRelease, startBuildRelease } from './release.ts'

/** What a build gets from the bundler. */
export interface BuildSetup {
  readonly options: ResolvedOptions
  /** The entries, which change when templates do. */
  readonly entries: readonly Entry[]
  /** Returns the static names in templates. */
  templates(): readonly TemplateReference[]
  readonly log: Log
  readonly targets: Targets | undefined
  readonly watch: boolean
  /** Vite's `cacheDir`. */
  readonly cacheDir: string
  /** Whether the files of earlier builds stay in the static root. */
  readonly keepsReleases: boolean
  /** Whether the bundler empties the static root. */
  readonly isEmptied: boolean
  /** The folder of files without a static name: Vite's `build.assetsDir`. */
  readonly assetsDir: string
  /** Returns the stylesheets of entries by their names in the manifest, once the bundler has made them. */
  stylesheets(): ReadonlyMap<string, string>
}

/** Adds a file to the output. */
export type Emit = (file: { type: 'asset'; fileName: string; source: string | Uint8Array }) => void

/** A build, or one after another if the bundler watches. */
export class Build {
  readonly #setup: BuildSetup
  readonly #pipeline: PipelineSetup
  #prepared: Prepared | undefined
  #plan: BuildPlan | undefined
  #startedAt = 0
  #running: Promise<unknown> = Promise.resolve()
  /** The paths of finders, read when they are first needed. */
  #finderPaths: FinderPaths | undefined
  /** The names that only a bundler can have made, in the manifest that the build replaces. */
  #builtBefore: readonly string[] = []
  #completeRelease: CompleteRelease | undefined

  constructor(setup: BuildSetup) {
    this.#setup = setup
    const { options, log, targets, cacheDir, watch } = setup
    this.#pipeline = { options, log, targets, caches: openCaches(options, cacheDir, watch) }
    for (const warning of checkFolders(options)) log.warn(warning)
  }

  /** The files and folders whose change starts another build. */
  get watched(): readonly string[] {
    const { finders, entries, templates } = this.#setup.options
    const folders = [
      ...rootsOf(finders),
      ...(entries === 'templates' ? templates.map(({ folder }) => folder) : []),
    ]
    const sources = this.#prepared?.sources ?? []
    const others = sources.filter(source => !folders.some(folder => contains(folder, source)))
    return [...folders, ...others].filter(file => existsSync(file))
  }

  /** The collected files, once the build has started. */
  get files(): { name: string; source: string; outputName: string }[] {
    return this.#prepared?.files ?? []
  }

  start(): Promise<void> {
    return this.#run(this.#start())
  }

  /** Resolves when the build has stopped reading and writing, even if it failed. */
  async settled(): Promise<void> {
    await this.#running
  }

  #run<T>(work: Promise<T>): Promise<T> {
    this.#running = this.#running.then(() => work).catch(() => this.end())
    return work
  }

  /** Frees the threads of a build that ends early, because another plugin failed or nothing is written. */
  async end(): Promise<void> {
    await this.#prepared?.end()
  }

  async #start(): Promise<void> {
    this.#startedAt = performance.now()
    const before = this.#prepared
    this.#prepared = await prepare(this.#pipeline, this.#setup.entries)
    // A build that was abandoned has kept its threads for this one.
    await before?.end()
    this.#finderPaths = undefined
    const { staticRoot, manifest } = this.#setup.options
    this.#builtBefore = builtNamesIn(path.resolve(staticRoot, manifest))
    this.#checkTemplates(this.#prepared, ({ name }) => !this.#comesLater(name))
    this.#setup.log.clear()
  }

  /** Returns the name that a collected source gets in the static root. */
  outputName(source: string): string | undefined {
    for (const file of this.finderPaths(source)) {
      const name = this.#prepared?.outputName(file)
      if (name !== undefined) return name
    }
    return undefined
  }

  /** Whether a collected file has a static name. */
  isCollected(name: string): boolean {
    return this.#prepared?.has(name) ?? false
  }

  /** Returns the paths that finders have for a file that the bundler names, best first. */
  finderPaths(source: string): readonly string[] {
    this.#finderPaths ??= new FinderPaths(this.#prepared?.sources ?? [])
    return this.#finderPaths.of(source)
  }

  /**
   * Takes what the bundler made into the manifest, except for what is collected anyway.
   * @param isWrite whether {@link Build.write} follows: a bundler can also generate its output for somebody else
   */
  finish(output: OutputBundle, consumed: Set<string>, emit: Emit, isWrite: boolean): Promise<void> {
    return this.#run(this.#finish(output, consumed, emit, isWrite))
  }

  async #finish(output: OutputBundle, consumed: Set<string>, emit: Emit, isWrite: boolean): Promise<void> {
    const prepared = this.#prepared
    if (prepared === undefined) return
    for (const source of [...consumed]) for (const file of this.finderPaths(source)) consumed.add(file)
    addPartials(consumed, file => this.finderPaths(file))
    const { entries, options } = this.#setup
    const shared = takeOut(output, original => this.outputName(path.resolve(options.root, original)))
    const bundle = this.#describe(output, emit)
    const plan = await prepared.finish({ ...bundle, shared, consumed })
    this.#plan = plan
    checkPlainNames(entries, bundle, plan)
    const warning = lostEntriesWarning(this.#builtBefore, plan.paths, { finders: options.finders, consumed })
    if (warning !== undefined) this.#setup.log.warn(warning)
    this.#checkTemplates(prepared, ({ name }) => this.#comesLater(name), bundle.paths.keys())
    if (!options.dryRun) return isWrite ? this.#startRelease(plan) : undefined
    for (const file of Object.keys(output)) delete output[file]
    await this.#write(plan, options.staticRoot)
  }

  /** What the bundler made, and what is made of it for the templates. */
  #describe(output: OutputBundle, emit: Emit): Pick<Bundle, 'files' | 'paths'> {
    const { options, entries, stylesheets } = this.#setup
    const { root, hash } = options
    const bundle = describeBundle({ output, entries, stylesheets: stylesheets(), root })
    checkEntries(entries, bundle.paths, output)
    const plain = hash === 'query' ? plainEntries(entries, bundle.paths, output) : undefined
    for (const { fileName, source } of plain?.files ?? []) emit({ type: 'asset', fileName, source })
    return {
      files: [...bundle.files, ...(plain?.files ?? []).map(({ fileName }) => fileName)],
      paths: new Map([...bundle.paths, ...(plain?.paths ?? [])]),
    }
  }

  async #writeReport({ inspection }: BuildPlan): Promise<void> {
    const { options, entries, templates, cacheDir } = this.#setup
    if (options.report === undefined || options.dryRun) return
    const { makeReport, writeReport } = await import('../build/report/make-report.ts')
    const named = options.entries === 'templates' ? templates() : referencesIn(options.templates)
    const report = await makeReport({ options, entries, templates: named, inspection }, cacheDir)
    await writeReport(report, options.report, options.staticRoot)
  }

  async #startRelease(plan: BuildPlan): Promise<void> {
    const { keepsReleases, isEmptied, options, log } = this.#setup
    if (options.dryRun) return
    if (isEmptied) markAsFilled(options.staticRoot, options.manifest, options.folderMode)
    if (!keepsReleases) return
    this.#completeRelease = await startBuildRelease(plan, options, message => log.warn(message))
  }

  /** Checks names in templates: most before bundling, when nothing is written yet, and those of the bundler after it. */
  #checkTemplates(
    prepared: Prepared,
    concerns: (reference: TemplateReference) => boolean,
    bundled: Iterable<string> = [],
  ): void {
    const { options, entries, log, templates } = this.#setup
    const references = templates().filter(concerns)
    if (references.length === 0) return
    const built = entries.flatMap(entry => [entry.name, entry.builtName])
    const names = new Set([...prepared.names, ...built, ...bundled])
    checkMissingNames(references, names, options, message => log.warn(message))
  }

  /** The CSS of a script, chunks and assets: names that nothing has before the bundler has run. */
  #comesLater(name: string): boolean {
    const { entries, assetsDir } = this.#setup
    return (
      entries.some(entry => cssName(entry) === name) ||
      name.startsWith(inFolder(assetsDir, '/').replace(/^\//u, ''))
    )
  }

  async write(staticRoot: string): Promise<void> {
    if (this.#plan) await this.#run(this.#write(this.#plan, staticRoot))
  }

  async #write(plan: BuildPlan, staticRoot: string): Promise<void> {
    const { options, cacheDir, log } = this.#setup
    const siblings = options.dryRun ? undefined : await fill(plan, { options, staticRoot, cacheDir, log })
    await this.end()
    const result: BuildResult = { ...plan, siblings }
    await this.#completeRelease?.(result, staticRoot)
    if (options.types !== undefined && !options.dryRun) await writeTypes(options.types, result)
    if (!options.dryRun) rememberBuild(cacheDir, staticRoot, result)
    await this.#writeReport(plan)
    const seconds = (performance.now() - this.#startedAt) / 1000
    log.info(summary(result, { ...options, staticRoot }, plan.bundled.length, seconds))
  }
}

/** Writes the declaration file, unless it has not changed, so that TypeScript's watcher does not start. */
async function writeTypes(file: string, { paths }: BuildResult): Promise<void> {
  const text = namesDeclaration(paths.keys())
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== text) await writeFile(path.normalize(file), text)
}
