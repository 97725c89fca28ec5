import { Readable } from 'node:stream'
import type { ServerOptions } from './options.ts'
import { streamOf } from './read-variant.ts'
import { NOT_FOUND, respond, type StaticRequest, type StaticResponse } from './response.ts'
import { ServedFiles } from './served-files.ts'

/** Answers requests for static files; every other URL with 404. */
export interface FetchHandler {
  /** Rejects where the file system fails. */
  (request: Request): Promise<Response>

  /**
   * Serves what the folder holds now.
   * @throws StaticFilesError where it cannot be read: then everything stays as it was
   */
  reload(): void

  /** Ends looking for a changed manifest, with the option `reload`. */
  close(): void
}

/**
 * A handler for frameworks that work with `Request` and `Response`, such as Hono.
 * @throws StaticFilesError where options are wrong, or there is no build in the folder
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
