import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { Connect, ProxyOptions, UserConfig } from 'vite'
import type { ResolvedOptions } from '../../options.ts'
import { isUp } from './django-up.ts'
import { HeadInjection } from './head-injection.ts'
import { OWN_PREFIX, type Site } from './site.ts'
import { CLIENT } from './virtual-modules.ts'
import { waitingPage } from './waiting-page.ts'

/** The name, below the static URL, that says whether Django's server accepts connections. */
const STATUS = `${OWN_PREFIX}django`

/**
 * Vite's `server.proxy` for the whole site: everything outside the static URL, which all of Vite's own URLs lie below,
 * goes to Django. The Host header stays that of the browser, so that redirects and the check against request forgery
 * see one origin.
 * @param warn called once each time that Django goes away
 */
export function djangoProxy(
  options: ResolvedOptions,
  base: string | undefined,
  warn: (message: string) => void,
): NonNullable<UserConfig['server']>['proxy'] {
  if (options.proxy === undefined) return undefined
  const own = [options.staticPath, base].filter(prefix => prefix?.startsWith('/'))
  const outside = `^(?!${own.map(prefix => escaped(prefix!)).join('|')})`
  return { [outside]: proxyTo(options.proxy, options.staticPath, warn) }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')
}

function proxyTo(target: string, staticPath: string, warn: (message: string) => void): ProxyOptions {
  let isDown = false
  return {
    target,
    changeOrigin: false,
    xfwd: true,
    ws: true,
    selfHandleResponse: true,
    configure(proxy) {
      proxy.on('proxyReq', (outgoing, req) => {
        // Into a compressed page nothing can be written.
        if (isDocument(req)) outgoing.removeHeader('accept-encoding')
      })
      proxy.on('proxyRes', (answer, req, res) => {
        isDown = false
        sendAnswer(answer, req, res as ServerResponse, staticPath)
      })
      const onError = (error: Error, req: IncomingMessage, res: ServerResponse | Socket) => {
        if (res instanceof Socket || res.headersSent) return void res.destroy()
        if (res.destroyed) return
        if (!isDown) warn(describeDown(target, error))
        isDown = true
        sendUnavailable(req, res, { target, staticPath })
      }
      proxy.on('error', onError as never)
      // Vite's listener prints a stack trace for each request while Django restarts; it is added after this function.
      process.nextTick(() => {
        for (const listener of proxy.listeners('error')) {
          if (listener !== onError) proxy.removeListener('error', listener as never)
        }
      })
    },
  }
}

/** Of one connection, not of the answer: Node writes its own. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding']

function sendAnswer(answer: IncomingMessage, req: IncomingMessage, res: ServerResponse, staticPath: string) {
  const headers = { ...answer.headers }
  for (const name of HOP_BY_HOP) delete headers[name]
  const script = takesScript(answer, req) ? clientScript(answer, staticPath) : undefined
  if (script !== undefined) delete headers['content-length']
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers)
  // Whatever comes of it: a broken answer must not look like a whole one, and `pipeline` sees to that.
  const done = () => {}
  if (script === undefined) pipeline(answer, res, done)
  else pipeline(answer, new HeadInjection(script), res, done)
  // A stream's first part may be long in coming.
  res.flushHeaders()
}

function takesScript({ headers, statusCode }: IncomingMessage, req: IncomingMessage): boolean {
  const isHtml = /^text\/html\b/iu.test(headers['content-type'] ?? '') && !headers['content-encoding']
  return isHtml && isDocument(req) && req.method !== 'HEAD' && statusCode !== 304 && statusCode !== 204
}

/** Whether the answer becomes a page. Browsers say so on `localhost` and with HTTPS; elsewhere it is a guess. */
function isDocument({ headers }: IncomingMessage): boolean {
  const destination = headers['sec-fetch-dest']
  if (destination !== undefined) return ['document', 'iframe', 'frame'].includes(String(destination))
  return headers['x-requested-with'] === undefined && /\btext\/html\b/u.test(headers.accept ?? '')
}

/** Brings in the client, so that pages without an entry reload too; with the nonce that the page's policy asks for. */
function clientScript({ headers }: IncomingMessage, staticPath: string): string {
  const nonce = /'nonce-([\w+/=-]+)'/u.exec(String(headers['content-security-policy'] ?? ''))?.[1]
  const attribute = nonce === undefined ? '' : ` nonce="${nonce}"`
  return `<script type="module"${attribute} src="${staticPath}@id/${CLIENT}"></script>`
}

function describeDown(target: string, error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return `Django does not answer at ${target} (${code ?? error.message}): start it with \`${startCommand(target)}\``
}

function startCommand(target: string): string {
  const { hostname, port } = new URL(target)
  const isDefault = ['localhost', '127.0.0.1'].includes(hostname)
  return `python manage.py runserver ${isDefault ? port : `${hostname}:${port}`}`
}

function sendUnavailable(
  req: IncomingMessage,
  res: ServerResponse,
  { target, staticPath }: { target: string; staticPath: string },
): void {
  const isPage = isDocument(req)
  res.writeHead(503, {
    'Content-Type': `text/${isPage ? 'html' : 'plain'};charset=utf-8`,
    'Cache-Control': 'no-store',
    'Retry-After': '1',
    // What is left of an upload is not read.
    Connection: 'close',
  })
  const page = { target, command: startCommand(target), method: req.method ?? 'GET', url: req.url ?? '/' }
  res.end(
    isPage
      ? waitingPage({ ...page, statusUrl: staticPath + STATUS })
      : `Django does not answer at ${target}. Start it with: ${page.command}\n`,
  )
}

/** Tells the waiting page whether Django is back. */
export function djangoStatus(site: Site): Connect.NextHandleFunction {
  return async (req, res, next) => {
    const { proxy, staticPath } = site.options
    if (proxy === undefined || req.url !== staticPath + STATUS) return next()
    res.writeHead((await isUp(proxy)) ? 204 : 503, { 'Cache-Control': 'no-store' }).end()
  }
}
