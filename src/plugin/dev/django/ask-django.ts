import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { sendResponse } from './django-response.ts'

/**
 * Requests a static name from Django if no finder here has it, because some finders find more than they list.
 * @param base the path below which Vite's own URLs lie
 * @returns whether Django had the name; otherwise nothing has been sent
 */
export function servedByDjango(
  target: string,
  req: IncomingMessage & { originalUrl?: string | undefined },
  res: ServerResponse,
  base: string,
): Promise<boolean> {
  const ask = new URL(target).protocol === 'https:' ? httpsRequest : httpRequest
  const path = req.originalUrl ?? req.url ?? ''
  return new Promise(resolve => {
    const asked = ask(new URL(target), { path, method: req.method, headers: plainHeaders(req) }, response => {
      const has = isStaticFile(response, path)
      if (has) sendResponse(response, req, res, base)
      else response.resume()
      resolve(has)
    })
    asked.once('error', () => resolve(false))
    res.once('close', () => asked.destroy())
    asked.end()
  })
}

/** Whether a response is a static file, and not a redirect to a login, or a page that stands for every URL. */
function isStaticFile({ statusCode = 0, headers }: IncomingMessage, path: string): boolean {
  const isPage = /^text\/html\b/iu.test(headers['content-type'] ?? '') && !/\.html?(?:$|\?)/iu.test(path)
  return [200, 206, 304].includes(statusCode) && !isPage
}

/** Returns the headers of a request without those that only HTTP/2 has. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string | string[] | undefined> {
  const plain = Object.entries(headers).filter(([name]) => !name.startsWith(':') && name !== 'connection')
  return { host: String(headers[':authority'] ?? ''), ...Object.fromEntries(plain) }
}
