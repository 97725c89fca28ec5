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

/** Passes a request or an error on to the next handler. */
export type Next = (error?: unknown) => void

/** Responds to requests for static files, and passes all others on. */
export interface StaticHandler {
  /**
   * @param next is called for every URL that is not below `staticUrl`, and with the error if the file system fails; without it
   *   the responses are 404 and 500
   */
  (req: IncomingMessage, res: ServerResponse, next?: Next): void

  /**
   * Reads the folder again, and serves its current files; requests in progress still get the previous ones.
   * @throws StaticFilesError if it cannot be read: then nothing changes
   */
  reload(): void

  /** Stops watching the manifest, if the option `reload` is set. */
  close(): void
}

/**
 * Creates a handler for `node:http`, Connect, Express and all other frameworks with handlers of this signature.
 *
 * ```js
 * const serve = createStaticHandler({ root: 'staticfiles' })
 * createServer((req, res) => serve(req, res)).listen(8000)
 * ```
 * @throws StaticFilesError if options are wrong, or the folder has no build
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
 * Sends a body in one system call. `res.end(body)` writes an empty chunk after the body, and then the call takes a sixth more CPU
 * time for small responses and for those of 20 kB. Between `cork` and `uncork` the head and a string become one chunk, the head and a
 * buffer go out in one call, and `end` has nothing more to write.
 */
function endAtOnce(res: ServerResponse, body: Body): void {
  res.cork()
  res.write(body, 'latin1')
  res.uncork()
  res.end()
}

/** Closes the file if the client goes away, and the connection if the file cannot be read to its end. */
function stream(res: ServerResponse, file: OpenFile): void {
  pipeline(streamOf(file), res, () => undefined)
}
