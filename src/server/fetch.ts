import { Readable } from 'node:stream'
import type { ServerOptions } from './options.ts'
import { streamOf } from './read-variant.ts'
import { NOT_FOUND, respond, type StaticRequest, type StaticResponse } from './response.ts'
import { ServedFiles } from './served-files.ts'

/** Responds to requests for static files, and with 404 to every other URL. */
export interface FetchHandler {
  /** Rejects if the file system fails. */
  (request: Request): Promise<Response>

  /**
   * Reads the folder again, and serves its current files.
   * @throws StaticFilesError if it cannot be read: then nothing changes
   */
  reload(): void

  /** Stops watching the manifest, if the option `reload` is set. */
  close(): void
}

/**
 * Creates a handler for frameworks that work with `Request` and `Response`, such as Hono.
 * @throws StaticFilesError if options are wrong, or the folder has no build
 */
export function createFetchHandler(options: ServerOptions): FetchHandler {
  const files = new ServedFiles(options)
  const handler = async (request: Request) =>
    responseOf((await respond(files, requestOf(request))) ?? NOT_FOUND, request)
  return Object.assign(handler, { reload: () => files.reload(), close: () => files.close() })
}

const HEADERS = [
  ...['accept-encoding', 'range', 'if-range', 'if-match', 'if-none-match'],
  ...['if-modified-since', 'if-unmodified-since'],
] as const

function requestOf({ method, url, headers }: Request): StaticRequest {
  const { pathname, search } = new URL(url)
  const values = HEADERS.map(name => [name, headers.get(name) ?? undefined])
  return { method, url: pathname + search, headers: Object.fromEntries(values) }
}

function responseOf({ status, headers, body }: StaticResponse, { method }: Request): Response {
  const pairs = headers.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, headers[index + 1] ?? '']] : [],
  )
  return new Response(method === 'HEAD' || body === undefined ? null : bodyOf(body), {
    status,
    headers: pairs,
  })
}

function bodyOf(body: NonNullable<StaticResponse['body']>): Uint8Array<ArrayBuffer> | ReadableStream {
  if (typeof body === 'string') return Uint8Array.from(Buffer.from(body, 'latin1'))
  if (!('handle' in body)) return body as Uint8Array<ArrayBuffer>
  return Readable.toWeb(streamOf(body)) as ReadableStream
}
