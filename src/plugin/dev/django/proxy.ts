import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Connect, ProxyOptions, UserConfig } from 'vite'
import type { ResolvedOptions } from '../../../options/resolve.ts'
import { type DevServer, OWN_PREFIX } from '../dev-server.ts'
import { type Away, describeFailure, endUpgrade, sendFailure } from './django-away.ts'
import { isDocument, sendResponse } from './django-response.ts'
import { isUp } from './django-up.ts'
import { agreeOnOrigin, agreeOnSocketOrigin, describeRefusal } from './one-origin.ts'

/** The name below the static URL whose response says whether Django's server accepts connections. */
const STATUS = `${OWN_PREFIX}django`

type Warn = (message: string) => void

/**
 * Returns Vite's `server.proxy` for the whole site. Everything outside the static URL, below which Vite's own URLs lie,
 * goes to Django. The Host header stays that of the browser, so that redirects and the check against request forgery
 * see one origin.
 * @param warn called once each time that Django goes away
 */
export function djangoProxy(
  { proxy, staticPath }: ResolvedOptions,
  givenBase: string | undefined,
  warn: Warn,
): NonNullable<UserConfig['server']>['proxy'] {
  if (proxy === undefined) return undefined
  const base = givenBase === undefined ? staticPath : new URL(givenBase, 'http://vite/').pathname
  if (base === '/' || staticPath === '/') {
    warn(
      "`proxy` has no effect: every URL is Vite's. Leave Vite's `base` out, and set `staticUrl` to more than '/'.",
    )
    return undefined
  }
  const own = [staticPath, base].map(prefix => escaped(prefix.slice(1)))
  return { [`^/(?!${own.join('|')})`]: proxyTo(proxy, { staticPath, base, warn }) }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')
}

interface Surroundings {
  readonly staticPath: string
  readonly base: string
  readonly warn: Warn
}

function proxyTo(target: string, { staticPath, base, warn }: Surroundings): ProxyOptions {
  const away: Away = { target, statusUrl: staticPath + STATUS }
  let isDown = false

  function onError(error: Error, req: IncomingMessage, res: ServerResponse | Socket): void {
    if (res instanceof Socket) return void endUpgrade(error, res)
    // The response breaks off with the connection to Django, or the browser does not wait for it any more.
    if (res.headersSent || res.destroyed) return
    if (!isDown) warn(describeFailure(target, error))
    isDown = true
    sendFailure(error, req, res, away)
  }

  return {
    target,
    changeOrigin: false,
    xfwd: true,
    ws: true,
    selfHandleResponse: true,
    // Passes the URL on as the browser wrote it. Otherwise some characters would be escaped, and `..` resolved.
    toProxy: true,
    bypass: (req, res) => (res === undefined && isVitesSocket(req) ? false : undefined),
    configure(proxy) {
      proxy.on('proxyReq', (outgoing, req, res) => {
        // Nothing can be inserted into a compressed page.
        if (isDocument(req)) outgoing.removeHeader('accept-encoding')
        agreeOnOrigin(outgoing, req, target)
        res.once('close', () => {
          if (!res.writableFinished) outgoing.destroy()
        })
      })
      proxy.on('proxyRes', (response, req, res) => {
        isDown = false
        const refusal = describeRefusal(req, response.statusCode, target)
        if (refusal !== undefined) warn(refusal)
        sendResponse(response, req, res as ServerResponse, base)
      })
      // Vite adds listeners after this function that print a stack trace whenever Django restarts. They are replaced.
      process.nextTick(() => {
        proxy.removeAllListeners('error').on('error', onError as never)
        proxy.removeAllListeners('proxyReqWs').on('proxyReqWs', (outgoing, req, socket) => {
          agreeOnSocketOrigin(outgoing, req, target)
          socket.on('error', () => {})
        })
      })
    },
  }
}

/** Whether a request is for Vite's updates: a page of another project that had this port before may still be open. */
function isVitesSocket({ headers }: IncomingMessage): boolean {
  return /^vite-(?:hmr|ping)$/u.test(headers['sec-websocket-protocol'] ?? '')
}

/** Tells the waiting page whether Django is back. */
export function djangoStatus(dev: DevServer): Connect.NextHandleFunction {
  return async (req, res, next) => {
    const { proxy, staticPath } = dev.options
    if (proxy === undefined || req.url !== staticPath + STATUS) return next()
    res.writeHead((await isUp(proxy)) ? 204 : 503, { 'Cache-Control': 'no-store' }).end()
  }
}
