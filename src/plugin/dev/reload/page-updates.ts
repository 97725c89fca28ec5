import colors from 'picocolors'
import { relativePath } from '../../../base/files/paths.ts'
import type { DevServer } from '../dev-server.ts'
import { djangoIsReady, type Step } from '../django/django-ready.ts'
import { importedStylesheets } from '../entries/css-imports.ts'
import { sendCss } from '../entries/hot-css.ts'

/** In milliseconds: changes that are no further apart come from one act of saving, or one `git checkout`. */
const QUIET = 80

/** In milliseconds: a burst is not waited out for longer. */
const LONGEST = 400

/** Gathers what bursts of changes ask for, and does it once. */
export class PageUpdates {
  readonly #dev: DevServer
  readonly #stylesheets = new Set<string>()
  /** The files for which pages reload. */
  readonly #reasons = new Set<string>()
  readonly #steps = new Set<Step>()
  #timer: NodeJS.Timeout | undefined
  #began = 0
  /** Counts what asks for a reload: what is newer waits for Django again, and then stands for both. */
  #asked = 0
  #waiting = 0

  constructor(dev: DevServer) {
    this.#dev = dev
    dev.server.httpServer?.once('close', () => {
      clearTimeout(this.#timer)
      this.#asked++
    })
  }

  add(file: string, { stylesheets, reload, after }: Update): void {
    if (stylesheets.length === 0 && !reload) return
    for (const name of stylesheets) this.#stylesheets.add(name)
    if (reload) {
      this.#asked++
      this.#reasons.add(file)
      if (after) this.#steps.add(after)
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer === undefined) this.#began = performance.now()
    clearTimeout(this.#timer)
    const longest = this.#began + LONGEST - performance.now()
    this.#timer = setTimeout(() => this.#act(), Math.max(0, Math.min(QUIET, longest)))
  }

  #act(): void {
    this.#timer = undefined
    // A page that reloads at once gets its stylesheets with that; they need not wait for Django.
    if (this.#reasons.size === 0 || this.#steps.size > 0) this.#swapStylesheets()
    this.#stylesheets.clear()
    if (this.#reasons.size > 0 && this.#waiting !== this.#asked) void this.#reload()
  }

  #swapStylesheets(): void {
    const names = linkedNames(this.#stylesheets, this.#dev)
    if (names.length > 0) sendCss(names, this.#dev)
  }

  async #reload(): Promise<void> {
    const turn = this.#asked
    this.#waiting = turn
    const isWanted = () => turn === this.#asked
    await djangoIsReady(this.#steps, this.#dev, isWanted)
    if (!isWanted()) return
    const reasons = [...this.#reasons]
    this.#steps.clear()
    this.#reasons.clear()
    reloadAll(reasons, this.#dev)
  }
}

/** The stylesheets that pages have asked for and that hold a changed one: themselves, or by `@import`. */
function linkedNames(changed: ReadonlySet<string>, { requested, options }: DevServer): string[] {
  if (changed.size === 0) return []
  return [...requested].filter(
    name => changed.has(name) || [...importedStylesheets(name, options)].some(each => changed.has(each)),
  )
}

function reloadAll(files: readonly string[], { server, options }: DevServer): void {
  server.environments.client.hot.send({ type: 'full-reload', path: '*' })
  const [first] = files.map(file => relativePath(options.root, file))
  const others = files.length > 1 ? ` and ${files.length - 1} more` : ''
  server.config.logger.info(colors.green('page reload ') + colors.dim(first + others), { timestamp: true })
}

/** What a change asks of the open pages. */
export interface Update {
  /** The names of collected stylesheets that have changed. */
  readonly stylesheets: readonly string[]
  readonly reload: boolean
  /** What Django has to do before the reload. */
  readonly after?: Step | undefined
}
