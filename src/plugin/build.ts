import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Targets } from 'lightningcss'
import { ENCODINGS, originalOf, type Suffix } from '../base/encodings.ts'
import { contains } from '../base/files/paths.ts'
import { type BuildResult, Pipeline } from '../build/pipeline.ts'
import type { Bundle } from '../build/plan.ts'
import { rememberBuild } from '../build/report/changes.ts'
import { cssName, type Entry } from '../finders/entries.ts'
import { rootsOf } from '../finders/finders.ts'
import { checkFolders } from '../options/checks.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { checkMissingNames } from '../references/templates/missing.ts'
import { referencesIn, type TemplateReference } from '../references/templates/read.ts'
import { namesDeclaration } from '../static-root/manifest/manifest.ts'
import { possibleSiblings } from '../static-root/releases/files.ts'
import { startRelease } from '../static-root/releases/ledger.ts'
import { describeBundle } from './bundle.ts'
import { entryStylesheets } from './entry-css.ts'
import { type Log, summary } from './log.ts'
import type { OutputBundle } from './output-bundle.ts'
import { addPartials } from './partials.ts'
import { plainEntries } from './plain-entries.ts'
import { EMPTY_MODULE } from './vite-config.ts'

/** What the bundler tells a build. */
export interface BuildSetup {
  readonly options: ResolvedOptions
  /** More of them, where templates that change name more. */
  readonly entries: readonly Entry[]
  /** The static names in templates. */
  templates(): readonly TemplateReference[]
  readonly log: Log
  readonly targets: Targets | undefined
  readonly watch: boolean
  /** Vite's. */
  readonly cacheDir: string
  /** Whether the files of earlier builds stay in the static root. */
  readonly keepsReleases: boolean
  /** The folder for what has no static name: Vite's `build.assetsDir`. */
  readonly assetsDir: string
}

/** Adds a file to the output. */
export type Emit = (file: { type: 'asset'; fileName: string; source: string | Uint8Array }) => void

/** A build, or one after another where the bundler watches. */
export class Build {
  readonly #setup: BuildSetup
  readonly #pipeline: Pipeline
  #started = 0
  #bundled = 0
  #running: Promise<unknown> = Promise.resolve()
  #completeRelease: Awaited<ReturnType<typeof startRelease>> | undefined

  constructor(setup: BuildSetup) {
    this.#setup = setup
    this.#pipeline = new Pipeline(setup.options, setup.log, setup)
    for (const warning of checkFolders(setup.options)) setup.log.warn(warning)
  }

  /** The files and folders whose change calls for another build. */
  get watched(): readonly string[] {
    const { finders, entries, templates } = this.#setup.options
    const folders = [
      ...rootsOf(finders),
      ...(entries === 'templates' ? templates.map(({ folder }) => folder) : []),
    ]
    const others = this.#pipeline.sources.filter(source => !folders.some(folder => contains(folder, source)))
    return [...folders, ...others].filter(file => existsSync(file))
  }

  /** The collected files, once the build has started. */
  get files(): { name: string; source: string; outputName: string }[] {
    return this.#pipeline.files
  }

  start(): Promise<void> {
    return this.#run(this.#start())
  }

  /** Resolves when nothing is read or written any more, however it ended. */
  async settled(): Promise<void> {
    await this.#running
  }

  #run<T>(work: Promise<T>): Promise<T> {
    this.#running = this.#running.then(() => work).catch(() => this.#pipeline.end())
    return work
  }

  /** Ends what a build holds that has ended early: another plugin failed, or nothing is to be written. */
  async end(): Promise<void> {
    await this.#pipeline.end()
  }

  async #start(): Promise<void> {
    this.#started = performance.now()
    await this.#pipeline.prepare(this.#setup.entries)
    this.#checkTemplates(({ name }) => !this.#comesLater(name))
    this.#setup.log.clear()
  }

  /** The name that a collected source gets in the static root. */
  outputName(source: string): string | undefined {
    return this.#pipeline.outputName(source)
  }

  /**
   * Takes what the bundler made into the manifest, except for what is collected anyway.
   * @param isWrite whether {@link Build.write} follows: a bundler can also generate its output for somebody else
   */
  finish(output: OutputBundle, consumed: Set<string>, emit: Emit, isWrite: boolean): Promise<void> {
    return this.#run(this.#finish(output, consumed, emit, isWrite))
  }

  async #finish(output: OutputBundle, consumed: Set<string>, emit: Emit, isWrite: boolean): Promise<void> {
    addPartials(consumed, () => this.#pipeline.sources)
    const shared = takeOut(output, () => this.#pipeline.outputNames())
    const bundle = this.#describe(output, emit)
    await this.#pipeline.finish({ ...bundle, shared, consumed })
    this.#checkTemplates(({ name }) => this.#comesLater(name), bundle.paths.keys())
    this.#bundled = bundle.files.length
    const { options } = this.#setup
    if (!options.dryRun) return isWrite ? this.#startRelease() : undefined
    for (const file of Object.keys(output)) delete output[file]
    await this.#write(options.staticRoot)
  }

  /** What the bundler made, and what is made of it for the templates. */
  #describe(output: OutputBundle, emit: Emit): Pick<Bundle, 'files' | 'paths'> {
    const { options, entries } = this.#setup
    const stylesheets = entryStylesheets(output, entries, options.hash !== false)
    const bundle = describeBundle({ output, entries, stylesheets, root: options.root })
    const plain =
      options.hash === 'query' ? plainEntries(entries, bundle.paths, { output, stylesheets }) : undefined
    for (const { fileName, source } of [...stylesheets, ...(plain?.files ?? [])])
      emit({ type: 'asset', fileName, source })
    return {
      files: [...bundle.files, ...(plain?.files ?? []).map(({ fileName }) => fileName)],
      paths: new Map([...bundle.paths, ...(plain?.paths ?? [])]),
    }
  }

  async #writeReport(): Promise<void> {
    const { options, entries, templates, cacheDir } = this.#setup
    if (options.report === undefined || options.dryRun) return
    const { makeReport, writeReport } = await import('../build/report/index.ts')
    const { inspection } = this.#pipeline
    const named = options.entries === 'templates' ? templates() : referencesIn(options.templates)
    const report = await makeReport({ options, entries, templates: named, inspection }, cacheDir)
    await writeReport(report, options.report, options.staticRoot)
  }

  get #keepsRelease(): boolean {
    const { keepsReleases, options } = this.#setup
    return keepsReleases && !options.dryRun
  }

  async #startRelease(): Promise<void> {
    if (!this.#keepsRelease) return
    const { staticRoot, compression, manifest } = this.#setup.options
    const { files, manifestHash } = this.#pipeline.plan
    const siblings = files.flatMap(file => possibleSiblings(file, compression))
    const release = {
      manifest: path.resolve(staticRoot, manifest),
      manifestHash,
      files: [...files, ...siblings],
    }
    this.#completeRelease = await startRelease(staticRoot, release, message => this.#setup.log.warn(message))
  }

  /** Before bundling, so that nothing has been written; what only the bundler knows is checked after it. */
  #checkTemplates(concerns: (reference: TemplateReference) => boolean, bundled: Iterable<string> = []): void {
    const { options, entries, log, templates } = this.#setup
    const references = templates().filter(concerns)
    if (references.length === 0) return
    const built = entries.flatMap(entry => [entry.name, entry.builtName])
    const names = new Set([...this.#pipeline.names, ...built, ...bundled])
    checkMissingNames(references, names, options, message => log.warn(message))
  }

  /** The CSS of a script, chunks and assets: names that nothing has before the bundler has run. */
  #comesLater(name: string): boolean {
    const { entries, assetsDir } = this.#setup
    return entries.some(entry => cssName(entry) === name) || name.startsWith(`${assetsDir}/`)
  }

  write(staticRoot: string): Promise<void> {
    return this.#run(this.#write(staticRoot))
  }

  async #write(staticRoot: string): Promise<void> {
    const { options, log } = this.#setup
    const result = await this.#pipeline.write(staticRoot)
    await this.#completeRelease?.(isWrittenBy(result, staticRoot))
    if (options.types !== undefined && !options.dryRun) await writeTypes(options.types, result)
    if (!options.dryRun) rememberBuild(this.#setup.cacheDir, staticRoot, result)
    await this.#writeReport()
    const seconds = (performance.now() - this.#started) / 1000
    log.info(summary(result, { ...options, staticRoot }, this.#bundled, seconds))
  }
}

/** Tells what a build wrote, by its name below the static root. */
function isWrittenBy(
  { files, written, siblings }: BuildResult,
  staticRoot: string,
): (name: string) => boolean {
  const bundled = new Set(files.filter(name => !written.has(name)))
  return name => {
    if (written.has(name) || bundled.has(name)) return true
    const original = originalOf(name)
    if (original === undefined) return false
    const suffix = name.slice(original.length) as Suffix
    return siblings?.sizes.get(path.join(staticRoot, original))?.[ENCODINGS[suffix]] !== undefined
  }
}

/** Takes out of the output what is collected anyway. */
function takeOut(output: OutputBundle, collectedNames: () => Set<string>): Set<string> {
  const assets = Object.keys(output).filter(file => output[file]?.type === 'asset')
  const collected = assets.length > 0 ? collectedNames() : new Set()
  const names = assets.filter(file => collected.has(file))
  for (const file of names) delete output[file]
  return new Set(names)
}

/** Removes the chunk that stands for a missing input. */
export function removeEmptyChunk(output: OutputBundle): void {
  for (const [file, chunk] of Object.entries(output)) {
    if (chunk.type === 'chunk' && chunk.facadeModuleId === EMPTY_MODULE) delete output[file]
  }
}

/** Leaves an unchanged file alone, so that no watcher of TypeScript wakes up. */
async function writeTypes(file: string, { paths }: BuildResult): Promise<void> {
  const text = namesDeclaration(paths.keys())
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== text) await writeFile(path.normalize(file), text)
}
