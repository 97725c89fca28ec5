import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Targets } from 'lightningcss'
import { checkOptions } from '../checks.ts'
import type { Entry } from '../entries.ts'
import { contains, rootsOf } from '../finders.ts'
import { namesDeclaration } from '../manifest.ts'
import type { Options, ResolvedOptions } from '../options.ts'
import { type BuildResult, Pipeline } from '../pipeline.ts'
import { describeBundle, type OutputBundle } from './bundle.ts'
import { entryStylesheets } from './entry-css.ts'
import { type Log, summary } from './log.ts'
import { addPartials } from './partials.ts'
import { EMPTY_MODULE } from './vite-config.ts'

/** What the bundler tells a build. */
export interface BuildSetup {
  readonly given: Options
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  readonly log: Log
  readonly targets: Targets | undefined
  readonly watch: boolean
}

/** Adds a file to the output. */
export type Emit = (file: { type: 'asset'; fileName: string; source: string }) => void

/** A build, or one after another where the bundler watches. */
export class Build {
  readonly #setup: BuildSetup
  readonly #pipeline: Pipeline
  #started = 0
  #bundled = 0

  constructor(setup: BuildSetup) {
    this.#setup = setup
    this.#pipeline = new Pipeline(setup.options, setup.log, setup)
    for (const warning of checkOptions(setup.given, setup.options)) setup.log.warn(warning)
  }

  /** The files and folders whose change calls for another build. */
  get watched(): readonly string[] {
    const folders = rootsOf(this.#setup.options.finders)
    const others = this.#pipeline.sources.filter(source => !folders.some(folder => contains(folder, source)))
    return [...folders, ...others].filter(file => existsSync(file))
  }

  async start(): Promise<void> {
    this.#started = performance.now()
    await this.#pipeline.prepare(this.#setup.entries)
    this.#setup.log.clear()
  }

  /** The name that a collected source gets in the static root. */
  outputName(source: string): string | undefined {
    return this.#pipeline.outputName(source)
  }

  /** Takes out of the output what is collected anyway, and the rest into the manifest. */
  async finish(output: OutputBundle, consumed: Set<string>, emit: Emit): Promise<void> {
    addPartials(consumed, new Set(this.#pipeline.sources))
    const { options, entries } = this.#setup
    const collected = this.#pipeline.outputNames()
    for (const [file, { type }] of Object.entries(output)) {
      if (type === 'asset' && collected.has(file)) delete output[file]
    }
    const stylesheets = entryStylesheets(output, entries, options.hash)
    for (const { fileName, source } of stylesheets) emit({ type: 'asset', fileName, source })
    const bundle = describeBundle({ output, entries, stylesheets, root: options.root, consumed })
    this.#pipeline.finish(bundle)
    this.#bundled = bundle.files.length
    if (!options.dryRun) return
    for (const file of Object.keys(output)) delete output[file]
    await this.write(options.staticRoot)
  }

  async write(staticRoot: string): Promise<void> {
    const { options, log } = this.#setup
    const result = await this.#pipeline.write(staticRoot)
    if (options.types !== undefined && !options.dryRun) await writeTypes(options.types, result)
    const seconds = (performance.now() - this.#started) / 1000
    log.info(summary(result, { ...options, staticRoot }, this.#bundled, seconds))
  }
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
