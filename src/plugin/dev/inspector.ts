import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import colors from 'picocolors'
import type { Connect, EnvironmentModuleNode } from 'vite'
import { cssName, type Entry, isStylesheet } from '../../entries.ts'
import { type Inspection, inspect, locationOf, siblingSizes } from '../../inspect.ts'
import type { FileDetail, FileSummary, ModuleRow, Overview, Place } from '../../inspector/data.ts'
import { ParseCache } from '../../parse-cache.ts'
import { unquote } from '../../python-url.ts'
import type { TemplateReference } from '../../templates/read.ts'
import { entryModules } from './entry-modules.ts'
import { entryUrl } from './module-url.ts'
import { contentType } from './send-file.ts'
import { OWN_PREFIX, type Site } from './site.ts'

const PAGE_FILES: Record<string, string> = {
  '': 'index.html',
  'inspector.js': 'inspector.js',
  'inspector.css': 'inspector.css',
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"

/**
 * The inspector, below `__staticfiles/`: a page that shows which file each name is served from, what it hides, and
 * what refers to it. Only the page itself may read it.
 */
export function inspector(
  site: Site,
  templates: () => readonly TemplateReference[],
): Connect.NextHandleFunction {
  const { staticPath } = site.options
  const cache = new ParseCache(true)
  return async (req, res, next) => {
    const [urlPath = '', query = ''] = (req.url ?? '').split('?', 2)
    if (urlPath === staticPath && acceptsPage(req)) return redirect(res, startUrl(site))
    if (`${urlPath}/` === staticPath + OWN_PREFIX) return redirect(res, staticPath + OWN_PREFIX)
    if (!urlPath.startsWith(staticPath + OWN_PREFIX) || !['GET', 'HEAD'].includes(req.method!)) return next()
    const route = urlPath.slice(staticPath.length + OWN_PREFIX.length)
    const file = Object.hasOwn(PAGE_FILES, route) ? PAGE_FILES[route] : undefined
    if (file === undefined && !route.endsWith('.json')) return next()
    if (isForeign(req)) return void res.writeHead(403).end()
    try {
      if (file !== undefined) return send(res, contentType(file), await readFile(pageFile(file)))
      const inspection = await inspect(site.options, site.entries, cache)
      const name = new URLSearchParams(query).get('name') ?? ''
      const answer =
        route === 'files.json'
          ? overview(inspection, site)
          : route === 'file.json' && (await detail(name, inspection, site, templates()))
      if (!answer) return next()
      send(res, contentType(route), JSON.stringify(answer))
    } catch (error) {
      send(res, contentType('x.json'), JSON.stringify({ error: (error as Error).message }), 500)
    }
  }
}

/** Has the terminal show where the inspector is, below Vite's own URLs. */
export function printInspectorUrl(site: Site): void {
  const { server, options } = site
  const printUrls = server.printUrls.bind(server)
  server.printUrls = () => {
    printUrls()
    const [local] = server.resolvedUrls?.local ?? []
    if (local === undefined) return
    const url = (where: string) => colors.cyan(new URL(where, local).href)
    const line = (title: string, text: string) =>
      server.config.logger.info(`  ${colors.green('➜')}  ${colors.bold(title)}: ${text}`)
    if (options.proxy !== undefined) line('Django', `${url('/')} ${colors.dim(`from ${options.proxy}`)}`)
    line('Static files', url(options.staticPath + OWN_PREFIX))
  }
}

function pageFile(file: string): URL {
  return new URL(`./inspector/${file}`, import.meta.url)
}

function acceptsPage({ headers }: IncomingMessage): boolean {
  return /\btext\/html\b/u.test(headers.accept ?? '')
}

/** The static URL itself is what Vite prints: it leads to what there is to see. */
function startUrl({ options }: Site): string {
  return options.proxy === undefined ? options.staticPath + OWN_PREFIX : '/'
}

/** Other sites, and Django's pages on another port, have no business here. */
function isForeign({ headers }: IncomingMessage): boolean {
  return ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']))
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(302, { Location: location }).end()
}

function send(res: ServerResponse, type: string, body: string | Buffer, status = 200): void {
  res.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(body)
}

function overview({ files, sizes, broken }: Inspection, { options, entries, server }: Site): Overview {
  const brokenIn = new Map<string, number>()
  for (const { source } of broken) brokenIn.set(source, (brokenIn.get(source) ?? 0) + 1)
  const entryNames = new Set(entries.map(({ name }) => name))
  const summaries = [...files.values()].map(
    ({ name, source, shadowed }): FileSummary => ({
      name,
      size: sizes.get(name) ?? 0,
      hides: shadowed.length,
      broken: brokenIn.get(source) ?? 0,
      isEntry: entryNames.has(name),
    }),
  )
  return {
    files: summaries.sort((one, other) => (one.name < other.name ? -1 : 1)),
    staticPath: options.staticPath,
    editorUrl: `${server.config.base}__open-in-editor?file=`,
  }
}

async function detail(
  name: string,
  { files, sizes, references, broken }: Inspection,
  site: Site,
  templates: readonly TemplateReference[],
): Promise<FileDetail | undefined> {
  const file = files.get(name)
  if (file === undefined) return undefined
  const { options } = site
  const entry = site.entries.find(each => each.name === name)
  const place = (source: string, { line, column } = { line: 1, column: 1 }): Place => ({
    source,
    shown: relative(source, options.root),
    line,
    column,
  })
  return {
    name,
    url: options.staticPath + encodeURI(name),
    size: sizes.get(name) ?? 0,
    place: place(file.source),
    location: relative(locationOf(file.source, options) ?? path.dirname(file.source), options.root),
    hides: file.shadowed.map(({ source, identical }) => ({ ...place(source), identical })),
    references: references
      .filter(({ from }) => from === name)
      .map(each => ({ ...place(file.source, each), name: each.to })),
    referencedBy: references
      .filter(({ to }) => to === name)
      .map(each => ({ ...place(files.get(each.from)!.source, each), name: each.from })),
    templates: templates
      .filter(each => each.name === name || (entry && [entry.builtName, cssName(entry)].includes(each.name)))
      .map(each => place(each.source, each)),
    broken: broken
      .filter(({ source }) => source === file.source)
      .map(each => ({ ...place(each.source, each), url: each.url })),
    // What is built of an entry is another file.
    siblings: entry ? {} : await siblingSizes(file, options),
    ...(entry && { builtName: entry.builtName, modules: await moduleRows(entry, site) }),
  }
}

function relative(file: string, root: string): string {
  const shown = path.relative(root, file).replaceAll(path.sep, '/')
  return shown.startsWith('../../..') ? file : shown
}

/** The modules of an entry as a tree, each once: below the one that imports it first. */
async function moduleRows(entry: Entry, site: Site): Promise<ModuleRow[]> {
  const { client } = site.server.environments
  // A module that does not compile has no graph; the page shows the rest.
  await entryModules(entry, site).catch(() => {})
  const rows: ModuleRow[] = []
  const seen = new Set<EnvironmentModuleNode>()
  const visit = (module: EnvironmentModuleNode, depth: number) => {
    if (seen.has(module)) return
    seen.add(module)
    const { file, url } = module
    rows.push({
      depth,
      shown: file ? relative(file, site.options.root) : unquote(url),
      source: file ?? undefined,
      isStylesheet: isStylesheet(file ?? url),
    })
    for (const imported of module.importedModules) visit(imported, depth + 1)
  }
  const module = await client.moduleGraph.getModuleByUrl(entryUrl(entry, site.server.config.root))
  if (module) visit(module, 0)
  return rows
}
