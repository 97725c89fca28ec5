import type { ClientRequest, IncomingMessage } from 'node:http'

/**
 * Changes the headers of a request so that Django sees its own origin in them. Its check against request forgery compares
 * `Origin`, or else `Referer`, with the scheme of its own connection and the `Host` header. Behind a tunnel or another
 * scheme these differ, although the browser's page and request have one origin. Requests from other sites stay as they are.
 */
export function agreeOnOrigin(outgoing: ClientRequest, req: IncomingMessage, target: string): void {
  const { origin, referer } = req.headers
  if (origin === undefined || !isSameOrigin(req)) return
  const seen = originSeen(req, target)
  if (origin === seen) return
  if (referer !== undefined) {
    // Without `Origin`, Django checks `Referer`, and only if it believes that the browser uses HTTPS.
    outgoing.removeHeader('origin')
    if (isHttps(target)) outgoing.setHeader('referer', moved(referer, seen))
  } else if (isHttps(target)) outgoing.setHeader('origin', seen)
}

/** Changes the origin of a WebSocket to the host that Django sees, because Channels compares the two. */
export function agreeOnSocketOrigin(outgoing: ClientRequest, req: IncomingMessage, target: string): void {
  if (!isSameOrigin(req)) return
  outgoing.setHeader('origin', originSeen(req, target))
}

/**
 * Returns which settings to change if Django has refused a form, as far as headers can tell.
 * @returns `undefined` if page and Django agree about their origin
 */
export function describeRefusal(
  req: IncomingMessage,
  status: number | undefined,
  target: string,
): string | undefined {
  const { method = '', url } = req
  const { origin } = req.headers
  const seen = originSeen(req, target)
  const isSafe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
  if (status !== 403 || isSafe || !origin || origin === 'null' || origin === seen) return undefined
  const secure = origin.startsWith('https:')
    ? ', or SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if only the scheme differs'
    : ''
  return (
    `Django answered ${method} ${url} with 403. The page comes from ${origin}, and Django is asked under ${seen}.\n` +
    'If its check against request forgery has refused the request, set in the settings for development:\n' +
    `  CSRF_TRUSTED_ORIGINS = ["${origin}"]${secure}`
  )
}

/** Returns the origin that Django sees, unless its settings say otherwise. */
function originSeen(req: IncomingMessage, target: string): string {
  return `${isHttps(target) ? 'https' : 'http'}://${hostOf(req)}`
}

/** With HTTPS, Vite speaks HTTP/2, which has another name for it. */
function hostOf({ headers }: IncomingMessage): string | undefined {
  return headers.host ?? (headers[':authority'] as string | undefined)
}

/** Whether the browser's page has the origin of the request: Vite's, or that of a tunnel. */
function isSameOrigin(req: IncomingMessage): boolean {
  const { origin = '', 'x-forwarded-host': forwardedHost } = req.headers
  const host = hostOf(req)
  if (host === undefined || !URL.canParse(origin)) return false
  const page = new URL(origin)
  const forwarded = first(forwardedHost)
  // A tunnel may omit its port.
  return page.host === host || page.host === forwarded || page.hostname === forwarded
}

/** Returns the part of a header that the outermost proxy has written. */
function first(header: string | string[] | undefined): string | undefined {
  return String(header ?? '')
    .split(',')[0]
    ?.trim()
}

function isHttps(target: string): boolean {
  return new URL(target).protocol === 'https:'
}

function moved(url: string, origin: string): string {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return origin + pathname + search
}
