import type { ResolvedConfig } from 'vite'
import { type Entry, nameInLocations, resolveEntries } from '../entries.ts'
import { type Options, type ResolvedOptions, resolveOptions } from '../options.ts'
import { Build } from './build.ts'
import { lightningTargets } from './css-targets.ts'
import { consoleLogger, Log } from './log.ts'
import { type OutputNames, outputNames } from './output-names.ts'

/** What the hooks share: it is filled in as the bundler tells more. */
export class State {
  readonly given: Options
  config: ResolvedConfig | undefined
  options: ResolvedOptions
  entries: readonly Entry[] = []
  build: Build | undefined
  readonly workerSources: Set<string> = new Set()

  constructor(given: Options) {
    this.given = given
    this.options = resolveOptions(given, { root: process.cwd(), outDir: undefined, cssMinify: false })
  }

  get isBuild(): boolean {
    return this.config?.command !== 'serve'
  }

  /** Called again with each thing that the bundler tells. */
  resolve(root: string, outDir: string | undefined, cssMinify: boolean): void {
    this.options = resolveOptions(this.given, { root, outDir, cssMinify })
    const { entries } = this.options
    this.entries = resolveEntries(entries === 'templates' ? [] : entries, this.options)
  }

  /** Looks again at what is there: folders of apps come and go. */
  resolveAgain(): void {
    const { root, build } = this.config!
    this.resolve(root, build.outDir, build.cssMinify !== false)
  }

  get log(): Log {
    const quiet = ['silent', 'error', 'warn'].includes(this.config?.logLevel ?? 'info')
    return new Log(this.config?.logger ?? consoleLogger, quiet)
  }

  createBuild(watch: boolean): Build {
    const { given, options, entries, config, log } = this
    return new Build({
      ...{ given, options, entries, watch, log },
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
        return state.options.hash
      },
      get entries() {
        return state.entries
      },
      nameOf: source => nameInLocations(source, state.options.finders),
      collectedName: source => state.build?.outputName(source),
    })
  }
}
