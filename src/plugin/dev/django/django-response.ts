import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { CLIENT } from '../entries/virtual-modules.ts'
import { HeadInjection } from './head-injection.ts'

/** Of one connection, not of the response: Node writes its own. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding']

/**
 * Hands Django's response on as it comes; a page gets the client.
 * @param base the path below which Vite's own URLs lie
 */
export function sendResponse(
  response: IncomingMessage,
  req: IncomingMessage,
  res: ServerResponse,
  base: string,
): void {
  const headers = { ...response.headers }
  for (const name of HOP_BY_HOP) delete headers[name]
  const script = takesScript(response, req) ? clientScript(response, base) : undefined
  if (script !== undefined) delete headers['content-length']
  removeCorsHeaders(res)
  // HTTP/2 has no words for a status.
  if (req.httpVersionMajor === 1) res.statusMessage = response.statusMessage ?? ''
  res.writeHead(response.statusCode ?? 502, headers)
  // Whatever comes of it: a broken response must not look like a whole one, and `pipeline` sees to that.
  const done = () => {}
  if (script === undefined) pipeline(response, res, done)
  else pipeline(response, new HeadInjection(script), res, done)
  // A stream's first part may be long in coming.
  res.flushHeaders()
}

/** Vite sets them on every response, by `server.cors`; who may read Django's is for Django to say. */
function removeCorsHeaders(res: ServerResponse): void {
  const names = res.getHeaderNames().filter(name => name === 'vary' || name.startsWith('access-control-'))
  for (const name of names) res.removeHeader(name)
}

const WITHOUT_WHOLE_BODY = [204, 206, 304]

function takesScript({ headers, statusCode = 0 }: IncomingMessage, req: IncomingMessage): boolean {
  const isHtml = /^text\/html\b/iu.test(headers['content-type'] ?? '') && !headers['content-encoding']
  return isHtml && isDocument(req) && req.method !== 'HEAD' && !WITHOUT_WHOLE_BODY.includes(statusCode)
}

/** Whether the response becomes a page. Browsers say so on `localhost` and with HTTPS; elsewhere it is a guess. */
export function isDocument({ headers }: IncomingMessage): boolean {
  const destination = headers['sec-fetch-dest']
  if (destination !== undefined) return ['document', 'iframe', 'frame'].includes(String(destination))
  return headers['x-requested-with'] === undefined && /\btext\/html\b/u.test(headers.accept ?? '')
}

/** Brings in the client, so that pages without an entry reload too. */
function clientScript({ headers }: IncomingMessage, base: string): string {
  const nonce = scriptNonce(String(headers['content-security-policy'] ?? ''))
  const attribute = nonce === undefined ? '' : ` nonce="${nonce}"`
  return `<script type="module"${attribute} src="${base}@id/${CLIENT}"></script>`
}

/** The nonce in the first directive that decides about scripts. */
function scriptNonce(policy: string): string | undefined {
  const directives = policy.split(/[;,]/u).map(directive => directive.trim())
  const deciding = ['script-src-elem', 'script-src', 'default-src']
    .map(name => directives.find(directive => directive.toLowerCase().startsWith(`${name} `)))
    .find(directive => directive !== undefined)
  return /'nonce-([\w+/=-]+)'/u.exec(deciding ?? '')?.[1]
}
