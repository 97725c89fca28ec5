/** The request headers that decide between 200, 206, 304 and 412, with the names and types of Node's `IncomingHttpHeaders`. */
export interface ConditionalHeaders {
  readonly 'if-match'?: string | undefined
  readonly 'if-unmodified-since'?: string | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-range'?: string | string[] | undefined
  readonly range?: string | undefined
}

/** The properties of a file that are compared with the conditions of a request. */
export interface Validators {
  /** The tag with its quotes, and with `W/` before them if it is weak. */
  readonly etag: string
  /** An HTTP date; its resolution is a second. */
  readonly lastModified: string
}

/** A part of a file; both offsets are inclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Evaluates the conditions of a GET or HEAD request in their order of precedence.
 * @returns `undefined` if the file is to be sent
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function conditionalStatus(
  headers: ConditionalHeaders,
  validators: Validators,
): 304 | 412 | undefined {
  if (failsPrecondition(headers, validators)) return 412
  return isNotModified(headers, validators) ? 304 : undefined
}

/** Whether the client wants only an older state of the file. `If-Match` wins over `If-Unmodified-Since`. */
function failsPrecondition(headers: ConditionalHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-match']
  if (tags !== undefined) return tags.trim() !== '*' && !strongTags(tags).includes(etag)
  const since = headers['if-unmodified-since']
  return since !== undefined && Date.parse(lastModified) > parseHttpDate(since)
}

/**
 * Whether the client has the current representation, so that the response is 304. `If-None-Match` wins over
 * `If-Modified-Since`.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function isNotModified(headers: ConditionalHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined)
    return tags === etag || tags.trim() === '*' || entityTags(tags).includes(opaque(etag))
  const since = headers['if-modified-since']
  if (since === undefined) return false
  return since === lastModified || Date.parse(lastModified) <= parseHttpDate(since)
}

/** Returns the tags of a list without `W/`: `If-None-Match` ignores weakness. */
function entityTags(list: string): string[] {
  return list.match(/"[^"]*"/gu) ?? []
}

/** Returns the strong tags of a list: a weak one never matches if the bytes must be equal. */
function strongTags(list: string): string[] {
  return (list.match(/(?:W\/)?"[^"]*"/gu) ?? []).filter(tag => !tag.startsWith('W/'))
}

function opaque(etag: string): string {
  return etag.replace(/^W\//u, '')
}

const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/u,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/u,
]

/**
 * Parses an HTTP date, in one of its three forms. Two of them are obsolete.
 * @returns milliseconds, or `NaN` for any other text, which a condition ignores
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string): number {
  if (!HTTP_DATES.some(form => form.test(text))) return Number.NaN
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}

/**
 * Returns the part of a file that a request asks for.
 * @param size in bytes
 * @returns `undefined` for the whole file: the request has no range, an invalid one or several, or `If-Range` names an
 *   older state of the file; `'unsatisfiable'` for a 416
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14
 */
export function requestedRange(
  headers: ConditionalHeaders,
  size: number,
  validators: Validators,
): ByteRange | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=\s*(\d*)-(\d*)\s*$/iu.exec(headers.range ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return undefined
  if (!rangeApplies(headers['if-range'], validators)) return undefined
  const start = from === '' ? Math.max(size - Number(to), 0) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined
  return start > end ? 'unsatisfiable' : { start, end }
}

/** `If-Range` compares strongly: a weak tag never matches. */
function rangeApplies(condition: string | string[] | undefined, { etag, lastModified }: Validators): boolean {
  return (
    condition === undefined || condition === lastModified || (condition === etag && !etag.startsWith('W/'))
  )
}
