import colors from 'picocolors'
import { relativePath } from '../../../base/files/paths.ts'
import type { DevServer } from '../dev-server.ts'
import { djangoIsReady, type Step } from '../django/django-ready.ts'
import { importedStylesheets } from '../entries/css-imports.ts'
import { sendCss } from '../entries/hot-css.ts'

/** How long after a change the next one still belongs to it, as with one `git checkout`, in milliseconds. */
const QUIET = 80

/** How long to wait for the end of a burst of changes, in milliseconds. */
const LONGEST = 400

/** Gathers the updates of a burst of changes, and does them once. */
export class PageUpdates {
  readonly #dev: DevServer
  readonly #stylesheets = new Set<string>()
  /** The files whose change makes pages reload. */
  readonly #reasons = new Set<string>()
  readonly #steps = new Set<Step>()
  #timer: NodeJS.Timeout | undefined
  #began = 0
  /** The number of changes that need a reload. A newer one waits for Django again, and reloads for the older ones too. */
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
    // A page that reloads at once gets its stylesheets too. If the reload waits for Django, stylesheets do not wait.
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
    const isCurrent = () => turn === this.#asked
    await djangoIsReady(this.#steps, this.#dev, isCurrent)
    if (!isCurrent()) return
    const reasons = [...this.#reasons]
    this.#steps.clear()
    this.#reasons.clear()
    reloadAll(reasons, this.#dev)
  }
}

/** Returns the stylesheets that pages have requested and that have changed, or import one that has. */
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

/** What a change means for the open pages. */
export interface Update {
  /** The names of collected stylesheets that have changed. */
  readonly stylesheets: readonly string[]
  readonly reload: boolean
  /** What Django must do before the reload. */
  readonly after?: Step | undefined
}
