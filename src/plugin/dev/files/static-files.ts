import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect } from 'vite'
import { unquote } from '../../../base/python/url.ts'
import { LOCAL_ORIGINS } from '../../vite-config.ts'
import { type NameRequest, serveEntry } from '../entries/entries.ts'
import { OWN_PREFIX, type Site } from '../site.ts'
import { isAskedByModule } from './asker.ts'
import { describeNotFound } from './not-found.ts'
import { sendFile } from './send-file.ts'
import { type Refusal, servableSource } from './servable.ts'

/**
 * Serves static names from their sources. Vite's own URLs share the static URL: it keeps `@vite/`, `@id/`, `@fs/` and
 * the modules that it has given a URL; the finders come next; what they do not have is left to Vite.
 */
export function staticFiles(site: Site): Connect.NextHandleFunction {
  return (req, res, next) => {
    const name = requestedName(req, site.options.staticPath)
    if (name === undefined || isVites(name)) return next()
    if (!URL_PATH.test(req.url ?? '')) return void sendNotFound(name, 'missing', res, site)
    learnDjangoOrigin(req, site)
    const request = { name, req, res, next, serveFile: () => serveFile(request, site) }
    if (serveEntry(request, site)) return
    if (isAskedByModule(req, site)) next()
    else request.serveFile()
  }
}

function serveFile({ name, req, res, next }: NameRequest, site: Site): void {
  site.requested.add(name)
  const found = servableSource(name, { ...site.options, access: site.server.config.server.fs })
  if ('source' in found && sendFile(req, res, found.source, name)) return
  if ('refusal' in found && found.refusal !== 'missing') void sendNotFound(name, found.refusal, res, site)
  else next()
}

/** Answers what neither the finders nor Vite have. */
export function staticNotFound(site: Site): Connect.NextHandleFunction {
  return (req, res, next) => {
    // Vite's middleware takes the base away from the URL.
    const name = requestedName({ method: req.method, url: req.originalUrl }, site.options.staticPath)
    if (name !== undefined) void sendNotFound(name, 'missing', res, site)
    else if (req.originalUrl?.startsWith(site.options.staticPath)) sendMethodNotAllowed(res)
    else next()
  }
}

/** Vite fails on a percent sign that escapes nothing. */
const URL_PATH = /^(?:[^%?]|%[\da-f]{2})*(?:\?|$)/iu

type Requested = Pick<IncomingMessage, 'method' | 'url'>

/** The name that a request asks for; `undefined` where it asks for something else, or asks otherwise. */
function requestedName({ method, url = '' }: Requested, staticPath: string): string | undefined {
  if (!url.startsWith(staticPath) || (method !== 'GET' && method !== 'HEAD')) return undefined
  const path = url.slice(staticPath.length).replace(/[?#].*$/su, '')
  return unquote(path)
}

function isVites(name: string): boolean {
  return name === '' || name.startsWith(OWN_PREFIX) || /^@(?:vite|id|fs)\//u.test(name)
}

/** Modules of a page of another origin come with that origin. */
function learnDjangoOrigin({ headers }: IncomingMessage, site: Site): void {
  const { origin } = headers
  if (site.options.proxy !== undefined || origin === undefined) return
  if (LOCAL_ORIGINS.test(origin) || site.options.origins.includes(origin)) site.djangoOrigin = origin
}

async function sendNotFound(name: string, refusal: Refusal, res: ServerResponse, site: Site): Promise<void> {
  const message = await describeNotFound(name, refusal, site)
  site.warnOnce(message)
  res.writeHead(404, { 'Content-Type': 'text/plain;charset=utf-8', 'Cache-Control': 'no-store' })
  res.end(`${message}\n`)
}

function sendMethodNotAllowed(res: ServerResponse): void {
  res.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
}
