import type { ResolvedConfig } from 'vite'
import { StaticFilesError, withoutPrefix } from '../base/errors.ts'
import { isFile, withoutSymlinks } from '../base/files/stat.ts'
import { type Entry, nameInLocations } from '../finders/entries.ts'
import { changedSettings } from '../options/django/changed-settings.ts'
import type { Options } from '../options/options.ts'
import {
  askFor,
  loadProject,
  type Place,
  type Project,
  resolveProject,
  withEntries,
  withTemplate,
  withTemplates,
  withVite,
} from '../options/project.ts'
import type { ResolvedOptions, Surroundings } from '../options/resolve.ts'
import { Build } from './build.ts'
import { cacheDirOf } from './cache-dir.ts'
import { checkConfig } from './check-config.ts'
import { lightningTargets } from './css-targets.ts'
import { isEmptied } from './emptying.ts'
import { EntryStyles } from './entries/entry-styles.ts'
import { tableOf } from './entries/entry-table.ts'
import { consoleLogger, Log } from './log.ts'
import { OutputLocks } from './output-locks.ts'
import { type OutputNames, outputNames } from './output-names.ts'

/** What the bundler's configuration says about a project before the bundler has resolved it. */
type BundlerConfig = Partial<Pick<Surroundings, 'outDir' | 'cssMinify'>> & {
  readonly root: string
  readonly cacheDir?: string | undefined
  readonly base?: string | undefined
}

/** Holds what the hooks of the plugins share: the current project, the build and its locks. */
export class State {
  /** Vite's configuration, once it is resolved. Rollup alone has none. */
  config: ResolvedConfig | undefined
  build: Build | undefined
  /** The entries that the bundler was started with. */
  inputs: readonly Entry[] = []
  readonly styles: EntryStyles = new EntryStyles()
  readonly locks: OutputLocks = new OutputLocks()
  readonly workerSources: Set<string> = new Set()
  #given: Options
  #project: Project | undefined

  constructor(given: Options) {
    this.#given = given
  }

  /** Sets options of the command line, which win over the configuration. Call it before {@link State.load}. */
  override(change: (given: Options) => Options): void {
    this.#given = { ...this.#given, ...change(this.#given) }
  }

  /**
   * Loads the project.
   * @throws StaticFilesError if the configuration cannot be used, or Django cannot be asked
   */
  async load({ root, outDir, cssMinify = false, base, cacheDir }: BundlerConfig): Promise<void> {
    const vite = { root, outDir, cssMinify, base, cacheDir: cacheDirOf(root, cacheDir) }
    this.#project = await loadProject(this.#given, vite)
  }

  /** Whether {@link State.load} has been called. A build for a server does not call it. */
  get isLoaded(): boolean {
    return this.#project !== undefined
  }

  /** The current project. */
  get project(): Project {
    if (this.#project) return this.#project
    throw new StaticFilesError('the bundler has not read its configuration yet, so there is no project')
  }

  get options(): ResolvedOptions {
    return this.project.options
  }

  get entries(): readonly Entry[] {
    return this.project.entries
  }

  /** Uses the configuration that Vite has resolved, which other plugins may have changed. */
  useConfig(config: ResolvedConfig): void {
    checkConfig(config)
    this.config = config
    this.#project = withVite(this.project, this.#surroundings)
  }

  /** Whether each chunk has its own CSS. */
  get splitsCss(): boolean {
    return this.config?.build.cssCodeSplit ?? true
  }

  get isBuild(): boolean {
    return this.config?.command !== 'serve'
  }

  warnOfNotes(): void {
    for (const note of this.project.notes) this.log.warn(note)
  }

  /**
   * Asks Django again. The options change when they are resolved the next time.
   * @returns the settings that have changed
   * @throws StaticFilesError if Django cannot be asked
   */
  async askDjango(): Promise<string[]> {
    const before = this.project.django
    const django = await askFor(this.project.given, this.#place)
    this.#project = { ...this.project, django }
    return before && django ? changedSettings(before.answer, django.answer) : []
  }

  /** Asks Django before a watching bundler builds again. If the settings have changed, a new build is made. */
  async askAgain(): Promise<void> {
    const before = this.project
    if (!before.django) return
    let changed: string[]
    try {
      changed = await this.askDjango()
    } catch (error) {
      this.log.warn(`${withoutPrefix(error as Error)}\n\nThe settings from before stay in use.`)
      return
    }
    if (changed.length === 0) return
    this.log.info(`staticfiles: Django's settings have changed: ${changed.join(', ')}`)
    const { given, django, notes } = this.project
    // If something is wrong with the new settings, the next build must ask again.
    this.#project = before
    this.#project = withEntries(resolveProject({ given, django, notes }, this.#surroundings))
    this.build = undefined
  }

  /** The existing files among those that Django's settings were read from. */
  get settingsFiles(): string[] {
    return (this.project.django?.reads.files ?? []).filter(isFile)
  }

  get #place(): Place {
    const root = this.config?.root ?? process.cwd()
    return { root, cacheDir: this.config?.cacheDir ?? cacheDirOf(root, undefined) }
  }

  get #surroundings(): Surroundings {
    const { root, build } = this.config ?? { root: process.cwd() }
    return { root, outDir: build?.outDir, cssMinify: build !== undefined && build.cssMinify !== false }
  }

  /**
   * Reads a template again.
   * @returns whether the file is a template
   */
  readTemplate(file: string): boolean {
    const read = withTemplate(this.project, file)
    if (read === undefined) return false
    // The project keeps the template even if an entry is wrong, which another template may correct.
    this.#project = read
    this.#project = withEntries(read)
    return true
  }

  /** Reads all templates again. */
  readTemplates(): void {
    this.#project = withEntries(withTemplates(this.project))
  }

  /** Resolves the options again, because folders of apps come and go. */
  resolveAgain(): void {
    // The project keeps all other changes even if an entry is wrong.
    this.#project = resolveProject(this.project, this.#surroundings)
    this.#project = withEntries(this.#project)
  }

  /** The entries that the bundler was not started with. */
  get newEntries(): Entry[] {
    const started = new Set(this.inputs.map(({ source }) => withoutSymlinks(source)))
    return tableOf(this.entries).inputs.filter(({ source }) => !started.has(withoutSymlinks(source)))
  }

  get log(): Log {
    const quiet = ['silent', 'error', 'warn'].includes(this.config?.logLevel ?? 'info')
    return new Log(this.config?.logger ?? consoleLogger, quiet)
  }

  createBuild(watch: boolean): Build {
    const { options, config, log } = this
    const state = this
    return new Build({
      options,
      watch,
      log,
      get entries() {
        return state.entries
      },
      templates: () => this.project.templates,
      stylesheets: () => this.styles.files,
      assetsDir: config?.build.assetsDir ?? 'assets',
      cacheDir: this.#place.cacheDir,
      // With Rollup alone nobody prunes the files of earlier builds, so releases are not recorded.
      keepsReleases: config !== undefined && !isEmptied(config, this.project),
      isEmptied: config !== undefined && isEmptied(config, this.project),
      targets: config?.css.lightningcss?.targets ?? lightningTargets(config?.build.cssTarget),
    })
  }

  outputNames(): OutputNames {
    const state = this
    return outputNames({
      get root() {
        return state.options.root
      },
      get assetsDir() {
        return state.config?.build.assetsDir ?? 'assets'
      },
      get hash() {
        return state.options.hash !== false
      },
      get entries() {
        return state.entries
      },
      nameOf(source) {
        const [file = source] = state.build?.finderPaths(source) ?? []
        return nameInLocations(file, state.options.finders)
      },
      collectedName: source => state.build?.outputName(source),
      isCollected: name => state.build?.isCollected(name) ?? false,
    })
  }
}
