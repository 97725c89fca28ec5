import { acceptanceOf, chooseForm } from './accept-encoding.ts'
import type { Form } from './form.ts'
import type { HeaderList } from './headers.ts'
import { type ByteRange, type ConditionalHeaders, conditionalStatus, requestedRange } from './http.ts'
import type { Body, Memory } from './memory.ts'
import { FileChanged, isGone, type OpenFile, openForm, readForm } from './read-form.ts'
import type { ServedFiles } from './served-files.ts'
import type { StaticFile } from './static-file.ts'
import { Redirect } from './url-map.ts'

/** What a request says, as Node's `IncomingMessage` has it. */
export interface StaticRequest {
  readonly method: string
  /** The path with its query, as it was sent. */
  readonly url: string
  readonly headers: ConditionalHeaders & { readonly 'accept-encoding'?: string | string[] | undefined }
}

/** What is to be sent. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Body | OpenFile | undefined
}

/** `undefined` where the URL is somebody else's. */
export type MaybeAnswer = Answer | undefined | Promise<Answer | undefined>

/**
 * Answers a request: at once where the file has been asked for before and is in memory.
 * @throws (or rejects) where the file system fails
 */
export function answer(files: ServedFiles, request: StaticRequest): MaybeAnswer {
  const target = request.url.startsWith('/') ? request.url : withoutOrigin(request.url)
  const mark = target.indexOf('?')
  const raw = mark < 0 ? target : target.slice(0, mark)
  const url = raw.includes('%') ? decoded(raw) : raw
  if (url === undefined)
    return files.fallthrough || !raw.startsWith(files.staticPath) ? undefined : BAD_REQUEST
  const found = files.urls.get(url)
  if (found === undefined) return notThere(files, url)
  if (request.method !== 'GET' && request.method !== 'HEAD') return METHOD_NOT_ALLOWED
  if (found instanceof Redirect) return redirect(found.location + target.slice(raw.length))
  if (found.forms === undefined) return afterPreparing(files, request, found)
  return answerWith(files, request, found, found.forms)
}

function notThere({ staticPath, fallthrough }: ServedFiles, url: string): Answer | undefined {
  return fallthrough || !url.startsWith(staticPath) ? undefined : NOT_FOUND
}

/** A proxy may send the whole URL. */
function withoutOrigin(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/iu, '')
}

/**
 * A slash that is escaped is no slash: the URL is another one, which nothing has. `undefined` for what is no escape.
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-2.2
 */
function decoded(url: string): string | undefined {
  try {
    return decodeURIComponent(url.replace(/%2f/giu, '%00'))
  } catch {
    return undefined
  }
}

/** A file that was there when the server started. */
function isNoMore({ fallthrough }: ServedFiles): Answer | undefined {
  return fallthrough ? undefined : NOT_FOUND
}

async function afterPreparing(
  files: ServedFiles,
  request: StaticRequest,
  file: StaticFile,
): Promise<Answer | undefined> {
  try {
    return await answerWith(files, request, file, await file.prepare())
  } catch (error) {
    if (isGone(error)) return isNoMore(files)
    throw error
  }
}

function answerWith(
  files: ServedFiles,
  request: StaticRequest,
  file: StaticFile,
  forms: readonly Form[],
): MaybeAnswer {
  const { headers, method } = request
  const form = chooseForm(forms, acceptanceOf(headers['accept-encoding'] as string | undefined))
  if (form === undefined) return NOT_ACCEPTABLE
  const status = hasConditions(headers) ? conditionalStatus(headers, form) : undefined
  if (status === 304) return { status, headers: form.notModifiedHeaders, body: undefined }
  if (status === 412) return PRECONDITION_FAILED
  if (method === 'HEAD') return whole(form, undefined)
  const range = headers.range === undefined ? undefined : requestedRange(headers, form.size, form)
  if (range === 'unsatisfiable') return unsatisfiable(form)
  if (form.body === undefined) return fromDisk(files, request, file, form, range)
  form.used = true
  return ofBody(form, form.body, range)
}

async function fromDisk(
  files: ServedFiles,
  request: StaticRequest,
  file: StaticFile,
  form: Form,
  range: ByteRange | undefined,
): Promise<Answer | undefined> {
  try {
    if (files.memory.takes(form.size)) return ofBody(form, await bodyOf(form, files.memory), range)
    const open = await openForm(form, range ?? { start: 0, end: form.size - 1 })
    return range ? part(form, range, open) : whole(form, open)
  } catch (error) {
    if (!(error instanceof FileChanged)) throw error
    file.hasChanged(form)
    return afterPreparing(files, request, file)
  }
}

/** Those who ask for the same file at once wait for one reading of it. */
function bodyOf(form: Form, memory: Memory): Promise<Body> {
  const reading = underWay.get(form) ?? readForm(form).then(bytes => memory.keep(form, bytes))
  underWay.set(form, reading)
  return reading.finally(() => underWay.delete(form))
}

const underWay = new WeakMap<Form, Promise<Body>>()

function hasConditions(headers: ConditionalHeaders): boolean {
  return (
    headers['if-none-match'] !== undefined ||
    headers['if-modified-since'] !== undefined ||
    headers['if-match'] !== undefined ||
    headers['if-unmodified-since'] !== undefined
  )
}

function ofBody(form: Form, body: Body, range: ByteRange | undefined): Answer {
  if (range === undefined) return whole(form, body)
  const { start, end } = range
  return part(
    form,
    range,
    typeof body === 'string' ? body.slice(start, end + 1) : body.subarray(start, end + 1),
  )
}

function whole(form: Form, body: Answer['body']): Answer {
  return { status: 200, headers: form.fullHeaders, body }
}

function part({ headers, size }: Form, { start, end }: ByteRange, body: Answer['body']): Answer {
  const length = String(end - start + 1)
  return {
    status: 206,
    headers: [...headers, 'Content-Range', `bytes ${start}-${end}/${size}`, 'Content-Length', length],
    body,
  }
}

function unsatisfiable({ size }: Form): Answer {
  return plain(416, 'Range Not Satisfiable', ['Content-Range', `bytes */${size}`])
}

function redirect(location: string): Answer {
  return plain(302, 'Found', ['Location', location])
}

/** An answer that says what is wrong; nobody is to keep it, as the next release may have the file. */
function plain(status: number, text: string, headers: HeaderList = []): Answer {
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

/** What nobody else answered, and what went wrong here. */
export const NOT_FOUND: Answer = plain(404, 'Not Found')
export const FAILED: Answer = plain(500, 'Internal Server Error')

const BAD_REQUEST = plain(400, 'Bad Request')
const METHOD_NOT_ALLOWED = plain(405, 'Method Not Allowed', ['Allow', 'GET, HEAD'])
const NOT_ACCEPTABLE = plain(406, 'Not Acceptable', ['Vary', 'Accept-Encoding'])
const PRECONDITION_FAILED = plain(412, 'Precondition Failed')
