import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect } from 'vite'
import { unquote } from '../../../base/python/url.ts'
import { LOCAL_ORIGINS } from '../../vite-config.ts'
import { type DevServer, OWN_PREFIX } from '../dev-server.ts'
import { servedByDjango } from '../django/ask-django.ts'
import { type NameRequest, serveEntry } from '../entries/entries.ts'
import { canBeAskedByBoth, isAskedByModule, varyByAsker } from './asker.ts'
import { describeNotFound } from './not-found.ts'
import { sendFile } from './send-file.ts'
import { type Refusal, servableSource } from './servable.ts'

/**
 * Serves static names from their sources. Vite's own URLs lie below the static URL too: it keeps `@vite/`, `@id/`, `@fs/`
 * and the modules that it has given a URL. The finders come next, and Vite gets the names that they do not have.
 */
export function staticFiles(dev: DevServer): Connect.NextHandleFunction {
  return (req, res, next) => {
    const name = requestedName(req, dev.options.staticPath)
    if (name === undefined || isVites(name)) return next()
    if (!URL_PATH.test(req.url ?? '')) return void sendNotFound(name, 'missing', res, dev)
    learnDjangoOrigin(req, dev)
    if (canBeAskedByBoth(req, dev)) varyByAsker(res)
    const request = { name, req, res, next, serveFile: () => serveFile(request, dev) }
    if (serveEntry(request, dev)) return
    if (isAskedByModule(req, dev)) next()
    else request.serveFile()
  }
}

function serveFile({ name, req, res, next }: NameRequest, dev: DevServer): void {
  dev.requested.add(name)
  const found = servableSource(name, { ...dev.options, access: dev.server.config.server.fs })
  if ('source' in found && sendFile(req, res, found.source, name)) return
  if ('refusal' in found && found.refusal !== 'missing') void sendNotFound(name, found.refusal, res, dev)
  else next()
}

/** Responds to names that neither the finders nor Vite have. */
export function staticNotFound(dev: DevServer): Connect.NextHandleFunction {
  return async (req, res, next) => {
    // Vite's middleware removes the base from the URL.
    const name = requestedName({ method: req.method, url: req.originalUrl }, dev.options.staticPath)
    const { proxy } = dev.options
    if (name !== undefined) {
      const isServed = proxy !== undefined && (await servedByDjango(proxy, req, res, dev.server.config.base))
      if (!isServed && !res.destroyed) void sendNotFound(name, 'missing', res, dev)
    } else if (req.originalUrl?.startsWith(dev.options.staticPath)) sendMethodNotAllowed(res)
    else next()
  }
}

/** A URL whose percent signs all escape something. Vite fails on others. */
const URL_PATH = /^(?:[^%?]|%[\da-f]{2})*(?:\?|$)/iu

type Requested = Pick<IncomingMessage, 'method' | 'url'>

/** Returns the name that a GET or HEAD request is for, or `undefined` if the request is another one. */
function requestedName({ method, url = '' }: Requested, staticPath: string): string | undefined {
  if (!url.startsWith(staticPath) || (method !== 'GET' && method !== 'HEAD')) return undefined
  const path = url.slice(staticPath.length).replace(/[?#].*$/su, '')
  return unquote(path)
}

function isVites(name: string): boolean {
  return name === '' || name.startsWith(OWN_PREFIX) || /^@(?:vite|id|fs)\//u.test(name)
}

/** Learns Django's origin from the `Origin` header, which browsers send when a page of another origin loads a module. */
function learnDjangoOrigin({ headers }: IncomingMessage, dev: DevServer): void {
  const { origin } = headers
  if (dev.options.proxy !== undefined || origin === undefined) return
  if (LOCAL_ORIGINS.test(origin) || dev.options.origins.includes(origin)) dev.djangoOrigin = origin
}

async function sendNotFound(
  name: string,
  refusal: Refusal,
  res: ServerResponse,
  dev: DevServer,
): Promise<void> {
  const message = await describeNotFound(name, refusal, dev)
  dev.warnOnce(message)
  res.writeHead(404, { 'Content-Type': 'text/plain;charset=utf-8', 'Cache-Control': 'no-store' })
  res.end(`${message}\n`)
}

function sendMethodNotAllowed(res: ServerResponse): void {
  res.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end()
}
