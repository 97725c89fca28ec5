import type { IncomingMessage } from 'node:http'
import { isStylesheetId } from '../../stylesheet-id.ts'
import type { DevServer } from '../dev-server.ts'
import { graphPath } from '../entries/module-url.ts'

/**
 * Whether a module asks, and not a page's tag: a static name and a module of Vite can have one URL, as in
 * `frontend/main.js` with `import './main.css'`. The page's `<link>` gets the CSS, the module gets JavaScript.
 */
export function isAskedByModule(req: IncomingMessage, dev: DevServer): boolean {
  const { url = '' } = req
  return isStylesheetId(url) ? importsStylesheet(req, dev) : fetchesScript(req) && isInGraph(url, dev)
}

/** Browsers say what they fetch a stylesheet for. Without HTTPS they do so only for `localhost`. */
function importsStylesheet({ url = '', headers }: IncomingMessage, dev: DevServer): boolean {
  const destination = headers['sec-fetch-dest']
  if (destination !== undefined) return destination === 'script'
  return !/\btext\/css\b/u.test(headers.accept ?? '') && isImported(url, dev)
}

/** A script of a page without `type="module"` is fetched in the mode `no-cors`, a module never is. */
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
