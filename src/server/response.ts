import { acceptanceOf, chooseVariant } from './accept-encoding.ts'
import type { HeaderList } from './headers.ts'
import { type ByteRange, type ConditionalHeaders, conditionalStatus, requestedRange } from './http.ts'
import type { Body, Memory } from './memory.ts'
import { FileChanged, isGone, type OpenFile, openVariant, readVariant } from './read-variant.ts'
import type { ServedFiles } from './served-files.ts'
import type { StaticFile } from './static-file.ts'
import { Redirect } from './url-map.ts'
import type { Variant } from './variant.ts'

/** A request, with the names and types of Node's `IncomingMessage`. */
export interface StaticRequest {
  readonly method: string
  /** The path with its query, exactly as it was sent. */
  readonly url: string
  readonly headers: ConditionalHeaders & { readonly 'accept-encoding'?: string | string[] | undefined }
}

/** A response that an adapter sends. */
export interface StaticResponse {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Body | OpenFile | undefined
}

/** A response, or `undefined` if the URL belongs to another handler. */
export type MaybeResponse = StaticResponse | undefined | Promise<StaticResponse | undefined>

/**
 * Responds to a request: without a promise if the file has been requested before and is in memory.
 * @throws (or rejects) if the file system fails
 */
export function respond(files: ServedFiles, request: StaticRequest): MaybeResponse {
  const target = request.url.startsWith('/') ? request.url : withoutOrigin(request.url)
  const mark = target.indexOf('?')
  const raw = mark < 0 ? target : target.slice(0, mark)
  const url = raw.includes('%') ? decoded(raw) : raw
  if (url === undefined)
    return files.fallthrough || !raw.startsWith(files.staticPath) ? undefined : BAD_REQUEST
  const found = files.urls.get(url)
  if (found === undefined) return missingResponse(files, url)
  if (request.method !== 'GET' && request.method !== 'HEAD') return METHOD_NOT_ALLOWED
  if (found instanceof Redirect) return redirectResponse(found.location + target.slice(raw.length))
  if (found.variants === undefined) return prepareAndRespond(files, request, found)
  return respondWith(files, request, found, found.variants)
}

function missingResponse({ staticPath, fallthrough }: ServedFiles, url: string): StaticResponse | undefined {
  return fallthrough || !url.startsWith(staticPath) ? undefined : NOT_FOUND
}

/** Returns the path of a request target: a proxy may send the whole URL. */
function withoutOrigin(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/iu, '')
}

/**
 * Decodes a path. An escaped slash is not a separator: it makes another URL, which no file has.
 * @returns `undefined` if an escape is invalid
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-2.2
 */
function decoded(url: string): string | undefined {
  try {
    return decodeURIComponent(url.replace(/%2f/giu, '%00'))
  } catch {
    return undefined
  }
}

/** Responds to a request for a file that was deleted after the folder was read. */
function goneResponse({ fallthrough }: ServedFiles): StaticResponse | undefined {
  return fallthrough ? undefined : NOT_FOUND
}

async function prepareAndRespond(
  files: ServedFiles,
  request: StaticRequest,
  file: StaticFile,
): Promise<StaticResponse | undefined> {
  try {
    return await respondWith(files, request, file, await file.prepare())
  } catch (error) {
    if (isGone(error)) return goneResponse(files)
    throw error
  }
}

function respondWith(
  files: ServedFiles,
  request: StaticRequest,
  file: StaticFile,
  variants: readonly Variant[],
): MaybeResponse {
  const { headers, method } = request
  const variant = chooseVariant(variants, acceptanceOf(headers['accept-encoding'] as string | undefined))
  if (variant === undefined) return NOT_ACCEPTABLE
  const status = hasConditions(headers) ? conditionalStatus(headers, variant) : undefined
  if (status === 304) return { status, headers: variant.notModifiedHeaders, body: undefined }
  if (status === 412) return PRECONDITION_FAILED
  if (method === 'HEAD') return fullResponse(variant, undefined)
  const range = headers.range === undefined ? undefined : requestedRange(headers, variant.size, variant)
  if (range === 'unsatisfiable') return unsatisfiableResponse(variant)
  if (variant.body === undefined) return fromDisk(files, request, file, variant, range)
  variant.used = true
  return bodyResponse(variant, variant.body, range)
}

async function fromDisk(
  files: ServedFiles,
  request: StaticRequest,
  file: StaticFile,
  variant: Variant,
  range: ByteRange | undefined,
): Promise<StaticResponse | undefined> {
  try {
    if (files.memory.accepts(variant.size))
      return bodyResponse(variant, await bodyOf(variant, files.memory), range)
    const open = await openVariant(variant, range ?? { start: 0, end: variant.size - 1 })
    return range ? partialResponse(variant, range, open) : fullResponse(variant, open)
  } catch (error) {
    if (!(error instanceof FileChanged)) throw error
    file.hasChanged(variant)
    return prepareAndRespond(files, request, file)
  }
}

/** Reads a body into memory. Concurrent requests for the same file share one read. */
function bodyOf(variant: Variant, memory: Memory): Promise<Body> {
  const reading =
    pendingReads.get(variant) ?? readVariant(variant).then(content => memory.keep(variant, content))
  pendingReads.set(variant, reading)
  return reading.finally(() => pendingReads.delete(variant))
}

const pendingReads = new WeakMap<Variant, Promise<Body>>()

function hasConditions(headers: ConditionalHeaders): boolean {
  return (
    headers['if-none-match'] !== undefined ||
    headers['if-modified-since'] !== undefined ||
    headers['if-match'] !== undefined ||
    headers['if-unmodified-since'] !== undefined
  )
}

function bodyResponse(variant: Variant, body: Body, range: ByteRange | undefined): StaticResponse {
  if (range === undefined) return fullResponse(variant, body)
  const { start, end } = range
  return partialResponse(
    variant,
    range,
    typeof body === 'string' ? body.slice(start, end + 1) : body.subarray(start, end + 1),
  )
}

function fullResponse(variant: Variant, body: StaticResponse['body']): StaticResponse {
  return { status: 200, headers: variant.fullHeaders, body }
}

function partialResponse(
  { headers, size }: Variant,
  { start, end }: ByteRange,
  body: StaticResponse['body'],
): StaticResponse {
  const length = String(end - start + 1)
  return {
    status: 206,
    headers: [...headers, 'Content-Range', `bytes ${start}-${end}/${size}`, 'Content-Length', length],
    body,
  }
}

function unsatisfiableResponse({ size }: Variant): StaticResponse {
  return textResponse(416, 'Range Not Satisfiable', ['Content-Range', `bytes */${size}`])
}

function redirectResponse(location: string): StaticResponse {
  return textResponse(302, 'Found', ['Location', location])
}

/** Makes a response that says what is wrong. No cache may keep it, because the next release may have the file. */
function textResponse(status: number, text: string, headers: HeaderList = []): StaticResponse {
  const body = `${text}\n`
  const own = [
    'Content-Type',
    'text/plain;charset=utf-8',
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
  ]
  return { status, headers: [...own, ...headers, 'Content-Length', String(body.length)], body }
}

/** The responses of the adapters, if there is no next handler. */
export const NOT_FOUND: StaticResponse = textResponse(404, 'Not Found')
export const INTERNAL_SERVER_ERROR: StaticResponse = textResponse(500, 'Internal Server Error')

const BAD_REQUEST = textResponse(400, 'Bad Request')
const METHOD_NOT_ALLOWED = textResponse(405, 'Method Not Allowed', ['Allow', 'GET, HEAD'])
const NOT_ACCEPTABLE = textResponse(406, 'Not Acceptable', ['Vary', 'Accept-Encoding'])
const PRECONDITION_FAILED = textResponse(412, 'Precondition Failed')
