/** The request headers that decide about an answer, as Node's `IncomingHttpHeaders` has them. */
export interface ConditionalHeaders {
  readonly 'if-none-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-range'?: string | string[] | undefined
  readonly range?: string | undefined
}

/** What is compared with the conditions of a request. */
export interface Validators {
  /** With its quotes, and `W/` before them where it is weak. */
  readonly etag: string
  /** An HTTP date; its resolution is a second. */
  readonly lastModified: string
}

/** A part of a file: both offsets belong to it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Whether the client has the current representation, so that the answer is 304. `If-None-Match` wins over
 * `If-Modified-Since`.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function isNotModified(headers: ConditionalHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return tags.trim() === '*' || entityTags(tags).includes(opaque(etag))
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Date.parse(lastModified) <= since
}

/** The tags of a list without their weakness, which `If-None-Match` does not regard. */
function entityTags(list: string): string[] {
  return list.match(/"[^"]*"/gu) ?? []
}

function opaque(etag: string): string {
  return etag.replace(/^W\//u, '')
}

/**
 * The part of a file that a request asks for: `undefined` is all of it, for there is no range, one that cannot be
 * read, several, or a version that the client no longer has; `'unsatisfiable'` is answered 416.
 * @param size in bytes
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14
 */
export function requestedRange(
  headers: ConditionalHeaders,
  size: number,
  validators: Validators,
): ByteRange | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=\s*(\d*)-(\d*)\s*$/u.exec(headers.range ?? '') ?? []
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
