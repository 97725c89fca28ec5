import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isDocument } from './django-response.ts'
import { waitingPage } from './waiting-page.ts'

/** Django's server, and where a page asks whether it is back. */
export interface Away {
  readonly target: string
  readonly statusUrl: string
}

/** Waiting helps against these: the server is not there, or went away in the middle. */
const GONE = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
]

/** What the terminal says. */
export function describeFailure(target: string, error: NodeJS.ErrnoException): string {
  const reason = error.code ?? error.message
  if (!isGone(error)) return `Django cannot be asked at ${target} (${reason}): ${error.message}`
  return `Django does not answer at ${target} (${reason}): start it with \`${startCommand(target)}\``
}

/** Answers in Django's place: a page waits for it. */
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
    // What is left of an upload is not read.
    ...(req.httpVersionMajor === 1 && { Connection: 'close' }),
  })
  const command = startCommand(target)
  if (isPage) res.end(waitingPage({ target, command, statusUrl, method: req.method!, url: req.url! }))
  else if (isGone(error)) res.end(`Django does not answer at ${target}. Start it with: ${command}\n`)
  else res.end(`${describeFailure(target, error)}\n`)
}

/** Answers a WebSocket's first request where there is no Django yet; later there is nothing that could be said. */
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
