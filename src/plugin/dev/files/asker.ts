import type { IncomingMessage, ServerResponse } from 'node:http'
import { isStylesheetId } from '../../stylesheet-id.ts'
import type { DevServer } from '../dev-server.ts'
import { graphPath } from '../entries/module-url.ts'

/**
 * Whether a module makes a request, and not a page's tag. A static name and a module of Vite can have one URL, as in
 * `frontend/main.js` with `import './main.css'`: the page's `<link>` gets the CSS, the module gets JavaScript.
 */
export function isAskedByModule(req: IncomingMessage, dev: DevServer): boolean {
  const { url = '' } = req
  return isStylesheetId(url) ? importsStylesheet(req, dev) : fetchesScript(req) && isInGraph(url, dev)
}

/** Whether a page and a module may get different responses from one URL. */
export function canBeAskedByBoth({ url = '' }: IncomingMessage, dev: DevServer): boolean {
  return isStylesheetId(url) || isInGraph(url, dev)
}

/** Keeps a browser that goes back from using the response to one of them for the other. */
export function varyByAsker(res: ServerResponse): void {
  const before = String(res.getHeader('Vary') ?? '')
  res.setHeader('Vary', [before, 'Sec-Fetch-Dest, Accept'].filter(Boolean).join(', '))
}

/** Whether a module imports a stylesheet. Browsers say what they fetch it for only with HTTPS or from `localhost`. */
function importsStylesheet({ url = '', headers }: IncomingMessage, dev: DevServer): boolean {
  const destination = headers['sec-fetch-dest']
  if (destination !== undefined) return destination === 'script'
  return !/\btext\/css\b/u.test(headers.accept ?? '') && isImported(url, dev)
}

/** Whether a module is fetched: a page's script without `type="module"` has the mode `no-cors`, a module never has. */
function fetchesScript({ headers }: IncomingMessage): boolean {
  const destination = headers['sec-fetch-dest'] as string | undefined
  if (destination === 'script') return headers['sec-fetch-mode'] !== 'no-cors'
  return ['worker', 'sharedworker', 'empty', undefined].includes(destination)
}

function isInGraph(url: string, dev: DevServer): boolean {
  return nodeOf(url, dev) !== undefined
}

function isImported(url: string, dev: DevServer): boolean {
  return (nodeOf(url, dev)?.importers.size ?? 0) > 0
}

function nodeOf(url: string, { server }: DevServer) {
  const path = graphPath(url, server.config.base)
  return path === undefined ? undefined : server.environments.client.moduleGraph.urlToModuleMap.get(path)
}
