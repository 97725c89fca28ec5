import type { ResolvedConfig } from 'vite'
import { StaticFilesError, withoutPrefix } from '../base/errors.ts'
import { contains } from '../base/files/paths.ts'
import { isFile } from '../base/files/stat.ts'
import { type FoundApp, findApps } from '../finders/apps.ts'
import { type Entry, nameInLocations, resolveEntries } from '../finders/entries.ts'
import type { KnownAnswer } from '../options/django/answer-cache.ts'
import { askDjango } from '../options/django/ask.ts'
import { changedSettings } from '../options/django/changed-settings.ts'
import { disagreements, type GivenToVite } from '../options/django/disagreements.ts'
import { withDjango } from '../options/django/options.ts'
import { questionOf } from '../options/django/question.ts'
import type { Options } from '../options/options.ts'
import { type ResolvedOptions, resolve } from '../options/resolve.ts'
import { checkOptions } from '../options/validate.ts'
import { entriesOf } from '../references/templates/entries.ts'
import { readTemplate, readTemplates, type TemplateReference } from '../references/templates/read.ts'
import { lock } from '../static-root/releases/lock.ts'
import { Build } from './build.ts'
import { cacheDirOf } from './cache-dir.ts'
import { lightningTargets } from './css-targets.ts'
import { consoleLogger, Log } from './log.ts'
import { type OutputNames, outputNames } from './output-names.ts'

/** What the hooks share: it is filled in as the bundler tells more. */
export class State {
  given: Options
  /** What Django says, where it is asked. */
  django: KnownAnswer | undefined
  /** The options as they are given, and as Django says where they are not. */
  wanted: Options
  /** Where options disagree with Django's settings. */
  notes: readonly string[] = []
  config: ResolvedConfig | undefined
  options: ResolvedOptions
  entries: readonly Entry[] = []
  /** The entries that the bundler was started with. */
  inputs: readonly Entry[] = []
  build: Build | undefined
  readonly workerSources: Set<string> = new Set()
  /** By the template's path. */
  #templates = new Map<string, TemplateReference[]>()
  #templateFolders = ''
  #apps: readonly FoundApp[] | undefined
  /** What releases the lock, once for each output that is being written. */
  readonly #locks: (() => void)[] = []

  constructor(given: Options) {
    checkOptions(given)
    this.given = given
    this.wanted = given
    this.options = resolve(given, { root: process.cwd(), outDir: undefined, cssMinify: false }, [])
  }

  /** Options of the command line, which come before those of the configuration. */
  override(options: Options): void {
    this.given = { ...this.given, ...options }
  }

  get isBuild(): boolean {
    return this.config?.command !== 'serve'
  }

  /**
   * Asks Django, if the options say so; it comes before {@link State.resolve}.
   * @throws StaticFilesError where Django cannot be asked
   */
  async askDjango(root: string, cacheDir: string): Promise<void> {
    const question = questionOf(this.given, root, cacheDir)
    this.django = question && (await askDjango(question))
  }

  /** Asks Django once more, where a watching bundler builds again; other settings make another build. */
  async askAgain(): Promise<void> {
    if (!this.django) return
    const { root, cacheDir } = this.#place
    const before = this.django.answer
    try {
      await this.askDjango(root, cacheDir)
    } catch (error) {
      this.log.warn(`${withoutPrefix(error as Error)}\n\nThe settings from before stay in use.`)
      return
    }
    const changed = changedSettings(before, this.django.answer)
    if (changed.length === 0) return
    this.log.info(`staticfiles: Django's settings have changed: ${changed.join(', ')}`)
    if (this.config) this.resolveAgain()
    else this.resolve(root, undefined, false)
    this.build = undefined
  }

  /** The files that Django's settings were read from, as far as they are there. */
  get settingsFiles(): string[] {
    return (this.django?.reads.files ?? []).filter(isFile)
  }

  get #place(): { root: string; cacheDir: string } {
    const root = this.config?.root ?? process.cwd()
    return { root, cacheDir: this.config?.cacheDir ?? cacheDirOf(root, undefined) }
  }

  /** Without STATIC_ROOT there is no place to write to: Django refuses `collectstatic` as well. */
  refuseMissingStaticRoot(outDir: string | undefined): void {
    const { django, given } = this
    if (!django || django.answer.staticRoot !== null || (given.staticRoot ?? outDir) !== undefined) return
    throw new StaticFilesError(
      `STATIC_ROOT is not set in ${django.answer.settings}, so there is no folder to fill\n` +
        "Set it (STATIC_ROOT = BASE_DIR / 'staticfiles'), or give `staticRoot` in the Vite configuration",
    )
  }

  compareWithDjango(vite: GivenToVite): void {
    this.notes = this.django ? disagreements(this.given, this.django.answer, vite) : []
  }

  warnOfNotes(): void {
    for (const note of this.notes) this.log.warn(note)
  }

  /** Called again with each thing that the bundler tells. */
  resolve(root: string, outDir: string | undefined, cssMinify: boolean): void {
    this.wanted = this.django ? withDjango(this.given, this.django.answer, outDir) : this.given
    checkOptions(this.wanted)
    if (root !== this.options.root) this.#apps = undefined
    this.#apps ??= findApps(this.wanted.apps ?? [], root)
    this.options = resolve(this.wanted, { root, outDir, cssMinify }, this.#apps)
    this.#readTemplates()
    this.#resolveEntries()
  }

  /** The static names in templates; none where `entries` are given. */
  get templates(): TemplateReference[] {
    return [...this.#templates.values()].flat()
  }

  /** Reads a template anew; `false` where the file is none. */
  readTemplate(file: string): boolean {
    const found = this.options.templates.find(({ folder }) => contains(folder, file))
    if (found === undefined) return false
    this.#templates.set(file, readTemplate(file, found.language))
    this.#resolveEntries()
    return true
  }

  /** Reads all templates anew. */
  readTemplates(): void {
    this.#templateFolders = ''
    this.#readTemplates()
    this.#resolveEntries()
  }

  /** The entries that a watching bundler learns of only now. */
  get newEntries(): Entry[] {
    const known = new Set(this.inputs.map(({ source }) => source))
    return this.entries.filter(({ source }) => !known.has(source))
  }

  #readTemplates(): void {
    const { entries, templates } = this.options
    const folders = entries === 'templates' ? templates : []
    const key = JSON.stringify(folders)
    if (this.#templateFolders === key) return
    this.#templateFolders = key
    this.#templates = readTemplates(folders)
  }

  #resolveEntries(): void {
    const { entries, finders } = this.options
    const names = entries === 'templates' ? entriesOf(this.templates, finders) : entries
    this.entries = resolveEntries(names, this.options)
  }

  /** Looks again at what is there: folders of apps come and go. */
  resolveAgain(): void {
    const { root, build } = this.config!
    this.#apps = undefined
    this.resolve(root, build.outDir, build.cssMinify !== false)
  }

  get log(): Log {
    const quiet = ['silent', 'error', 'warn'].includes(this.config?.logLevel ?? 'info')
    return new Log(this.config?.logger ?? consoleLogger, quiet)
  }

  createBuild(watch: boolean): Build {
    const { options, config, log } = this
    const state = this
    return new Build({
      ...{ options, watch, log },
      get entries() {
        return state.entries
      },
      templates: () => this.templates,
      assetsDir: config?.build.assetsDir ?? 'assets',
      cacheDir: this.#place.cacheDir,
      keepsReleases: this.#keepsReleases(),
      targets: config?.css.lightningcss?.targets ?? lightningTargets(config?.build.cssTarget),
    })
  }

  /** @see https://vite.dev/config/build-options#build-emptyoutdir */
  #keepsReleases(): boolean {
    const { config, options } = this
    // Vite empties a folder in its root unless it is told not to; of Rollup alone nobody prunes the folder.
    return config !== undefined && !(config.build.emptyOutDir ?? contains(config.root, options.staticRoot))
  }

  /** Keeps other builds of the static root waiting until {@link State.unlock}. */
  async lock(): Promise<void> {
    const { dryRun, staticRoot } = this.options
    if (!dryRun && this.isBuild) this.#locks.push(await lock(staticRoot, message => this.log.warn(message)))
  }

  unlock(): void {
    this.#locks.pop()?.()
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
      nameOf: source => nameInLocations(source, state.options.finders),
      collectedName: source => state.build?.outputName(source),
    })
  }
}
