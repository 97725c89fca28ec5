import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect } from 'vite'
import { cssName, type Entry, isStylesheet } from '../../../finders/entries.ts'
import type { DevServer } from '../dev-server.ts'
import { isAskedByModule } from '../files/asker.ts'
import { entryCss, type ModuleResponse, scriptFacade } from './facade.ts'
import { fsPath, isNamedAsModule, modulePath, timestampIn } from './module-url.ts'

/** A request for a static name, and the functions that may continue with it. */
export interface NameRequest {
  readonly name: string
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Passes the request on to Vite. */
  readonly next: Connect.NextFunction
  /** Serves the file that the finders have. */
  serveFile(): void
}

/**
 * Serves the names that an entry has in the manifest: its own name, its built name, and that of its CSS.
 * @returns whether the name is an entry's
 */
export function serveEntry(request: NameRequest, dev: DevServer): boolean {
  const { name, req, next } = request
  const query = (req.url ?? '').replace(/^[^?]*/u, '')
  if (VITE_QUERY.test(query)) return false
  const entry = dev.entries.find(each => each.name === name || each.builtName === name)
  if (entry === undefined) return serveEntryCss(request, dev)
  const timestamp = timestampIn(query)
  if (isStylesheet(entry.name)) handOnStylesheet(entry, timestamp, request, dev)
  else if (timestamp && entry.name === name && isNamedAsModule(entry, dev.server.config.root)) next()
  else void respond(request, scriptFacade(entry, timestamp, dev))
  return true
}

/** Queries of Vite, which no template uses. */
const VITE_QUERY = /[?&](?:raw|url|inline|import|direct|worker|sharedworker|worker_file)\b/u

function serveEntryCss(request: NameRequest, dev: DevServer): boolean {
  const owner = dev.entries.find(each => cssName(each) === request.name)
  if (owner === undefined || isAskedByModule(request.req, dev)) return false
  void respond(request, entryCss(owner, dev))
  return true
}

/**
 * Lets Vite compile a stylesheet. `direct` requests CSS instead of a module that contains it. Vite's client would replace a
 * link whose URL contains that of the module, so that a link gets another one: this plugin's client keeps it in its place.
 */
function handOnStylesheet(
  { source }: Entry,
  timestamp: string | undefined,
  { req, next }: NameRequest,
  dev: DevServer,
): void {
  const { base, root } = dev.server.config
  const isLink = !isAskedByModule(req, dev)
  const path = encodeURI(isLink ? fsPath(source) : modulePath(source, root))
  const queries = [isLink ? 'direct' : [], timestamp ?? []].flat()
  req.url = base + path.slice(1) + (queries.length === 0 ? '' : `?${queries.join('&')}`)
  next()
}

async function respond(request: NameRequest, response: Promise<ModuleResponse | undefined>): Promise<void> {
  const { res, req, next, serveFile } = request
  try {
    const made = await response
    if (made === undefined) return serveFile()
    res.writeHead(200, { 'Content-Type': `${made.type};charset=utf-8`, 'Cache-Control': 'no-cache' })
    res.end(req.method === 'HEAD' ? undefined : made.body)
  } catch (error) {
    next(error)
  }
}
