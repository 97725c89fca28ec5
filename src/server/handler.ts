import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Body } from './memory.ts'
import type { ServerOptions } from './options.ts'
import { type OpenFile, streamOf } from './read-variant.ts'
import {
  INTERNAL_SERVER_ERROR,
  NOT_FOUND,
  respond,
  type StaticRequest,
  type StaticResponse,
} from './response.ts'
import { ServedFiles } from './served-files.ts'

/** Hands a request on, or an error. */
export type Next = (error?: unknown) => void

/** Answers requests for static files, and hands on all others. */
export interface StaticHandler {
  /**
   * @param next called for every URL that is not below `staticUrl`, and with what the file system says where it fails; without
   *   it these are answered with 404 and 500
   */
  (req: IncomingMessage, res: ServerResponse, next?: Next): void

  /**
   * Serves what the folder holds now; requests that are under way are finished with what it held before.
   * @throws StaticFilesError where it cannot be read: then everything stays as it was
   */
  reload(): void

  /** Ends looking for a changed manifest, with the option `reload`. */
  close(): void
}

/**
 * A handler for `node:http`, Connect, Express and what else passes requests on in their way.
 *
 * ```js
 * const serve = createStaticHandler({ root: 'staticfiles' })
 * createServer((req, res) => serve(req, res)).listen(8000)
 * ```
 * @throws StaticFilesError where options are wrong, or there is no build in the folder
 */
export function createStaticHandler(options: ServerOptions): StaticHandler {
  const files = new ServedFiles(options)
  const handler = (req: IncomingMessage, res: ServerResponse, next?: Next) => {
    const fail = (error: unknown) => (next ? next(error) : send(res, INTERNAL_SERVER_ERROR))
    try {
      const response = respond(files, req as StaticRequest)
      if (response instanceof Promise) response.then(later => pass(res, next, later)).catch(fail)
      else pass(res, next, response)
    } catch (error) {
      fail(error)
    }
  }
  return Object.assign(handler, { reload: () => files.reload(), close: () => files.close() })
}

function pass(res: ServerResponse, next: Next | undefined, response: StaticResponse | undefined): void {
  if (response !== undefined) send(res, response)
  else if (next) next()
  else send(res, NOT_FOUND)
}

function send(res: ServerResponse, { status, headers, body }: StaticResponse): void {
  res.writeHead(status, headers as string[])
  if (body === undefined) res.end()
  else if (typeof body !== 'string' && 'handle' in body) stream(res, body)
  else endAtOnce(res, body)
}

/**
 * `res.end(body)` writes an empty piece after the body, which makes the system's call dearer: by a sixth of the processor's time
 * for small answers and for such of 20 kB. Between `cork` and `uncork` a head and a string become one piece, a head and a buffer go in one
 * call, and `end` finds nothing more to write.
 */
function endAtOnce(res: ServerResponse, body: Body): void {
  res.cork()
  res.write(body, 'latin1')
  res.uncork()
  res.end()
}

/** Both ends are closed with each other: what a client leaves, and what cannot be read to its end. */
function stream(res: ServerResponse, file: OpenFile): void {
  pipeline(streamOf(file), res, () => undefined)
}
