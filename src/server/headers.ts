import { validateHeaderName, validateHeaderValue } from 'node:http'
import { StaticFilesError } from '../errors.ts'
import type { ResolvedServerOptions, ServedFile } from './options.ts'

/** Names and values in turn, as `writeHead` takes them: the form that costs the least for each answer. */
export type HeaderList = readonly string[]

/** What a form of a file says of itself. */
export interface FormFacts {
  readonly encoding: string | undefined
  readonly etag: string
  readonly lastModified: string
  /** Whether the file has several forms. */
  readonly negotiated: boolean
}

/** In seconds: a year. */
const FOREVER = 31_536_000

/** What only the bytes decide. */
const FIXED = ['content-encoding', 'content-length', 'content-range', 'transfer-encoding', 'etag', 'vary']

/** The headers of all answers with a file but for those that speak of the length of the body. */
export function headersOf(file: ServedFile, facts: FormFacts, options: ResolvedServerOptions): HeaderList {
  const { maxAge, cors } = options
  const own: Record<string, string | undefined> = {
    'Content-Type': file.contentType,
    'Content-Encoding': facts.encoding,
    ETag: facts.etag,
    'Last-Modified': facts.lastModified,
    'Cache-Control': file.immutable ? `public, max-age=${FOREVER}, immutable` : `public, max-age=${maxAge}`,
    Vary: facts.negotiated ? 'Accept-Encoding' : undefined,
    'Accept-Ranges': 'bytes',
    'Access-Control-Allow-Origin': cors ? '*' : undefined,
    'X-Content-Type-Options': 'nosniff',
  }
  return listOf(withHook(own, options.headers(file)))
}

/** Those of them that a 304 has: what a cache needs to bring its copy up to date. */
export function notModifiedHeaders(headers: HeaderList): HeaderList {
  return headers.filter(
    (_, index) => !/^(?:content-|accept-ranges$)/iu.test(headers[index - (index % 2)] ?? ''),
  )
}

function withHook(
  own: Record<string, string | undefined>,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const result = { ...own }
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase()
    if (FIXED.includes(lower))
      throw new StaticFilesError(`\`headers\` cannot set ${name}: the file decides about it`)
    for (const known of Object.keys(result)) if (known.toLowerCase() === lower) delete result[known]
    validateHeaderName(name)
    if (value !== undefined) validateHeaderValue(name, value)
    result[name] = value
  }
  return result
}

function listOf(headers: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}
