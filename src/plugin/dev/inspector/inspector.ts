import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import colors from 'picocolors'
import type { Connect } from 'vite'
import { inspect } from '../../../build/inspect.ts'
import { ParseCache } from '../../../references/parse-cache.ts'
import type { TemplateReference } from '../../../references/templates/read.ts'
import { contentType } from '../../../server/content-type.ts'
import { type DevServer, OWN_PREFIX } from '../dev-server.ts'
import { detail, overview } from './inspector-data.ts'

const PAGE_FILES: Record<string, string> = {
  '': 'index.html',
  'inspector.js': 'inspector.js',
  'inspector.css': 'inspector.css',
  'theme.css': 'theme.css',
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"

/**
 * Serves the inspector below `__staticfiles/`: a page that shows which file each name is served from, which files it hides,
 * and which files refer to it. Only the page itself may read the data.
 */
export function inspector(
  dev: DevServer,
  templates: () => readonly TemplateReference[],
): Connect.NextHandleFunction {
  const { staticPath } = dev.options
  const cache = new ParseCache({ keep: true })
  return async (req, res, next) => {
    const [urlPath = '', query = ''] = (req.url ?? '').split('?', 2)
    if (urlPath === staticPath && acceptsPage(req)) return redirect(res, startUrl(dev))
    if (`${urlPath}/` === staticPath + OWN_PREFIX) return redirect(res, staticPath + OWN_PREFIX)
    if (!urlPath.startsWith(staticPath + OWN_PREFIX) || !['GET', 'HEAD'].includes(req.method!)) return next()
    const route = urlPath.slice(staticPath.length + OWN_PREFIX.length)
    const file = Object.hasOwn(PAGE_FILES, route) ? PAGE_FILES[route] : undefined
    if (file === undefined && !route.endsWith('.json')) return next()
    if (isForeign(req)) return void res.writeHead(403).end()
    try {
      if (file !== undefined) return send(res, contentType(file), await readFile(pageFile(file)))
      const inspection = await inspect(dev.options, dev.entries, cache)
      const name = new URLSearchParams(query).get('name') ?? ''
      const data =
        route === 'files.json'
          ? overview(inspection, dev)
          : route === 'file.json' && (await detail(name, inspection, dev, templates()))
      if (!data) return next()
      send(res, contentType(route), JSON.stringify(data))
    } catch (error) {
      send(res, contentType('x.json'), JSON.stringify({ error: (error as Error).message }), 500)
    }
  }
}

/** Makes Vite print the URL of the inspector after its own URLs. */
export function printInspectorUrl(dev: DevServer): void {
  const { server, options } = dev
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

/** Returns where the static URL itself, which Vite prints, redirects to: the site, or the inspector. */
function startUrl({ options }: DevServer): string {
  return options.proxy === undefined ? options.staticPath + OWN_PREFIX : '/'
}

/** Whether a request comes from another site, or from Django's pages on another port, which may not read the data. */
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
