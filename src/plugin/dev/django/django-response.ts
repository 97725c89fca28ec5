import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { CLIENT } from '../entries/virtual-modules.ts'
import { HeadInjection } from './head-injection.ts'

/** The headers of one connection, which are not passed on: Node writes its own. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding']

/**
 * Passes Django's response on as it arrives, and adds the client to a page.
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
  // HTTP/2 has no status message.
  if (req.httpVersionMajor === 1) res.statusMessage = response.statusMessage ?? ''
  res.writeHead(response.statusCode ?? 502, headers)
  // Errors need no handling: `pipeline` breaks the connection off, so that the response does not look complete.
  const done = () => {}
  if (script === undefined) pipeline(response, res, done)
  else pipeline(response, new HeadInjection(script), res, done)
  // The headers are sent now, because the first chunk of a stream may take long.
  res.flushHeaders()
}

/** Removes the headers that Vite sets on every response by `server.cors`. Django decides who may read its responses. */
function removeCorsHeaders(res: ServerResponse): void {
  const names = res.getHeaderNames().filter(name => name === 'vary' || name.startsWith('access-control-'))
  for (const name of names) res.removeHeader(name)
}

const WITHOUT_WHOLE_BODY = [204, 206, 304]

function takesScript({ headers, statusCode = 0 }: IncomingMessage, req: IncomingMessage): boolean {
  const isHtml = /^text\/html\b/iu.test(headers['content-type'] ?? '') && !headers['content-encoding']
  return isHtml && isDocument(req) && req.method !== 'HEAD' && !WITHOUT_WHOLE_BODY.includes(statusCode)
}

/** Whether a response becomes a page. Browsers tell it on `localhost` and with HTTPS; otherwise it is a guess. */
export function isDocument({ headers }: IncomingMessage): boolean {
  const destination = headers['sec-fetch-dest']
  if (destination !== undefined) return ['document', 'iframe', 'frame'].includes(String(destination))
  return headers['x-requested-with'] === undefined && /\btext\/html\b/u.test(headers.accept ?? '')
}

/** Returns a script element that loads the client, so that pages without an entry reload too. */
function clientScript({ headers }: IncomingMessage, base: string): string {
  const nonce = scriptNonce(String(headers['content-security-policy'] ?? ''))
  const attribute = nonce === undefined ? '' : ` nonce="${nonce}"`
  return `<script type="module"${attribute} src="${base}@id/${CLIENT}"></script>`
}

/** Returns the nonce in the directive that applies to scripts. */
function scriptNonce(policy: string): string | undefined {
  const directives = policy.split(/[;,]/u).map(directive => directive.trim())
  const deciding = ['script-src-elem', 'script-src', 'default-src']
    .map(name => directives.find(directive => directive.toLowerCase().startsWith(`${name} `)))
    .find(directive => directive !== undefined)
  return /'nonce-([\w+/=-]+)'/u.exec(deciding ?? '')?.[1]
}
