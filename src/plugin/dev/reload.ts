import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import colors from 'picocolors'
import picomatch from 'picomatch'
import { isStylesheet } from '../../entries.ts'
import { contains, find, nameStart } from '../../finders.ts'
import { importedStylesheets } from './css-imports.ts'
import { isUp, untilDown, untilUp } from './django-up.ts'
import { sendCss } from './hot-css.ts'
import type { Site } from './site.ts'
import { foldersOutside, isTemporary } from './watched.ts'

/** In milliseconds: changes that are no further apart come from one act of saving, or one `git checkout`. */
const QUIET = 80

/** In milliseconds: a burst is not waited out for longer. */
const LONGEST = 400

/**
 * In milliseconds: Django keeps parsed templates until runserver, which looks at its files each second, sees that one
 * has changed. A page that is loaded before would show the old text.
 */
const TEMPLATES_ARE_READ = 1300

/** In milliseconds: runserver then leaves its port for a moment where a module has changed. */
const GOES_DOWN = 2500

/** In milliseconds: for a Django that starts slowly, or whose code does not run yet. */
const COMES_BACK = 60_000

type FileEvent = 'add' | 'change' | 'unlink'

/**
 * Reloads pages, or swaps their stylesheets, when a file changes that Vite's module graph does not have: templates,
 * collected static files that a page has asked for, and what `reload` matches.
 */
export function reloadPages(site: Site): void {
  const { watcher } = site.server
  const updates = new PageUpdates(site)
  watcher.add(foldersOutside(site.options))
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, file => {
      const full = path.resolve(file)
      if (isTemporary(full) || contains(site.options.staticRoot, full)) return
      updates.add(full, updateFor(event, full, site))
    })
  }
}

/** What a change asks of the open pages. */
interface Update {
  /** The names of linked stylesheets that are to be swapped. */
  readonly stylesheets?: readonly string[]
  readonly reload?: boolean
  /** What Django has to do before the reload. */
  readonly after?: Step | undefined
}

/** Forget the templates that it has parsed; or start a new process, which knows none. */
type Step = 'templates' | 'restart'

function updateFor(event: FileEvent, file: string, site: Site): Update {
  const { templates, reload } = site.options
  const stylesheets: string[] = []
  const template = templates.find(folder => contains(folder, file))
  let reloads = template !== undefined
  for (const name of shownNames(event, file, site)) {
    if (isStylesheet(name)) stylesheets.push(...importersOf(name, site))
    else if (site.requested.has(name) && !isInGraph(file, site)) reloads = true
  }
  if (reload === false) return { stylesheets }
  const matches = matchesReload(file, site)
  return { stylesheets, reload: reloads || matches, after: stepBefore(file, template) }
}

/** Jinja looks whether a template has changed each time that it is asked for it. */
function stepBefore(file: string, template: string | undefined): Step | undefined {
  if (file.endsWith('.py')) return 'restart'
  return template === undefined || path.basename(template) === 'jinja2' ? undefined : 'templates'
}

/** The names under which a file is, was, or is now served: not those where another file wins. */
function shownNames(event: FileEvent, file: string, { options }: Site): string[] {
  const locations = options.finders.flatMap(finder => finder.locations)
  return locations.flatMap((location, index) => {
    if (!contains(location.root, file)) return []
    const name = nameStart(location) + path.relative(location.root, file).replaceAll(path.sep, '/')
    const winner = find(options.finders, name)
    if (winner === undefined || event !== 'unlink') return winner === file || event === 'unlink' ? [name] : []
    const before = locations.findIndex(({ root }) => contains(root, winner))
    return before < index ? [] : [name]
  })
}

/** The stylesheets that pages have asked for and that hold a stylesheet: itself, or by `@import`. */
function importersOf(name: string, site: Site): string[] {
  return [...site.requested].filter(
    requested => requested === name || importedStylesheets(requested, site.options).has(name),
  )
}

/** Vite reloads for its own modules: an image that a script imports. */
function isInGraph(file: string, { server }: Site): boolean {
  const { moduleGraph } = server.environments.client
  return (moduleGraph.getModulesByFile(file.replaceAll(path.sep, '/'))?.size ?? 0) > 0
}

function matchesReload(file: string, { options }: Site): boolean {
  const { root, reload } = options
  if (reload === false || !contains(root, file)) return false
  const relative = path.relative(root, file).replaceAll(path.sep, '/')
  return picomatch.isMatch(relative, [...reload], { dot: true })
}

/** Gathers what bursts of changes ask for, and does it once. */
class PageUpdates {
  readonly #site: Site
  readonly #stylesheets = new Set<string>()
  readonly #reasons = new Set<string>()
  readonly #steps = new Set<Step>()
  #timer: NodeJS.Timeout | undefined
  #began = 0
  #turn = 0

  constructor(site: Site) {
    this.#site = site
    site.server.httpServer?.once('close', () => clearTimeout(this.#timer))
  }

  add(file: string, { stylesheets = [], reload = false, after }: Update): void {
    if (stylesheets.length === 0 && !reload) return
    for (const name of stylesheets) this.#stylesheets.add(name)
    if (reload) this.#reasons.add(file)
    if (reload && after) this.#steps.add(after)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer === undefined) this.#began = performance.now()
    clearTimeout(this.#timer)
    const longest = this.#began + LONGEST - performance.now()
    this.#timer = setTimeout(() => void this.#send(), Math.max(0, Math.min(QUIET, longest)))
  }

  async #send(): Promise<void> {
    this.#timer = undefined
    this.#turn++
    const turn = this.#turn
    if (this.#steps.has('restart')) await djangoIsBack(this.#site)
    else if (this.#steps.has('templates')) await sleep(TEMPLATES_ARE_READ)
    // What came meanwhile waits again, and then stands for both.
    if (turn !== this.#turn) return
    const reasons = [...this.#reasons]
    const stylesheets = [...this.#stylesheets]
    this.#steps.clear()
    this.#reasons.clear()
    this.#stylesheets.clear()
    if (reasons.length > 0) reloadAll(reasons, this.#site)
    else sendCss(stylesheets, this.#site)
  }
}

function reloadAll(files: readonly string[], { server, options }: Site): void {
  server.environments.client.hot.send({ type: 'full-reload', path: '*' })
  const [first] = files.map(file => path.relative(options.root, file).replaceAll(path.sep, '/'))
  const others = files.length > 1 ? ` and ${files.length - 1} more` : ''
  server.config.logger.info(colors.green('page reload ') + colors.dim(first + others), { timestamp: true })
}

async function djangoIsBack(site: Site): Promise<void> {
  const origin = site.djangoOrigin
  if (origin === undefined) return
  await untilDown(origin, GOES_DOWN)
  if (await isUp(origin)) return
  if (!(await untilUp(origin, COMES_BACK))) {
    site.warnOnce(`Django is not back at ${origin}. Pages reload with the next change after it has started.`)
  }
}
