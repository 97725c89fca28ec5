import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isDocument } from './django-response.ts'
import { waitingPage } from './waiting-page.ts'

/** Django's server, and the URL that tells a page whether it is back. */
export interface Away {
  readonly target: string
  readonly statusUrl: string
}

/** The errors of a server that is not running, or has stopped during a request. A page waits for it. */
const GONE = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
]

/** Returns what the terminal says about a failed request. */
export function describeFailure(target: string, error: NodeJS.ErrnoException): string {
  const reason = error.code ?? error.message
  if (!isGone(error)) return `Django cannot be asked at ${target} (${reason}): ${error.message}`
  return `Django does not answer at ${target} (${reason}): start it with \`${startCommand(target)}\``
}

/** Responds instead of Django. A page waits until Django is back. */
export function sendFailure(
  error: NodeJS.ErrnoException,
  req: IncomingMessage,
  res: ServerResponse,
  { target, statusUrl }: Away,
): void {
  const isPage = isDocument(req) && isGone(error)
  res.writeHead(isGone(error) ? 503 : 502, {
    'Content-Type': `text/${isPage ? 'html' : 'plain'};charset=utf-8`,
    'Cache-Control': 'no-store',
    ...(isGone(error) && { 'Retry-After': '1' }),
    // The rest of an upload is not read.
    ...(req.httpVersionMajor === 1 && { Connection: 'close' }),
  })
  const command = startCommand(target)
  if (isPage) res.end(waitingPage({ target, command, statusUrl, method: req.method!, url: req.url! }))
  else if (isGone(error)) res.end(`Django does not answer at ${target}. Start it with: ${command}\n`)
  else res.end(`${describeFailure(target, error)}\n`)
}

/** Responds to a WebSocket's first request if Django is not running. Later the connection can only be closed. */
export function endUpgrade(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNREFUSED') return void socket.destroy()
  socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

function isGone({ code = '' }: NodeJS.ErrnoException): boolean {
  return GONE.includes(code)
}

function startCommand(target: string): string {
  const { hostname, port } = new URL(target)
  const isDefault = ['localhost', '127.0.0.1'].includes(hostname)
  return `python manage.py runserver ${isDefault ? '' : `${hostname}:`}${port || 80}`
}
