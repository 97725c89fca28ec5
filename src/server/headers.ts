import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Encoding } from '../base/encodings.ts'
import { StaticFilesError } from '../base/errors.ts'
import type { ResolvedServerOptions, ServedFile } from './options.ts'

/** Names and values in turn, which `writeHead` accepts: this costs the least for each response. */
export type HeaderList = readonly string[]

/** The headers that do not depend on the bytes: all but tag, date and length. */
export interface CommonHeaders {
  readonly all: HeaderList
  /** The subset that a 304 has: what a cache needs to update its copy. */
  readonly notModified: HeaderList
  /** Whether `Last-Modified` is the file's time and does not come from the hook. */
  readonly dated: boolean
}

/** A year, in seconds. */
const FOREVER = 31_536_000

/** The headers that a hook cannot set, because the bytes decide them. */
const FIXED = ['content-encoding', 'content-length', 'content-range', 'transfer-encoding', 'etag', 'vary']

/** Makes the headers of files. Files of the same kind share theirs, unless a hook decides for each file. */
export class HeaderMaker {
  readonly #options: ResolvedServerOptions
  readonly #shared = new Map<string, CommonHeaders>()

  constructor(options: ResolvedServerOptions) {
    this.#options = options
  }

  /**
   * @param negotiated whether the file has several variants
   * @throws StaticFilesError if the hook sets a header that it must not
   */
  commonHeaders(file: ServedFile, encoding: Encoding | undefined, negotiated: boolean): CommonHeaders {
    if (this.#options.headers !== undefined) return this.#make(file, encoding, negotiated)
    const kind = `${file.contentType} ${file.immutable} ${encoding} ${negotiated}`
    const found = this.#shared.get(kind) ?? this.#make(file, encoding, negotiated)
    this.#shared.set(kind, found)
    return found
  }

  #make(file: ServedFile, encoding: Encoding | undefined, negotiated: boolean): CommonHeaders {
    const { maxAge, cors, headers } = this.#options
    const own: Record<string, string | undefined> = {
      'Content-Type': file.contentType,
      'Content-Encoding': encoding,
      'Cache-Control': file.immutable ? `public, max-age=${FOREVER}, immutable` : `public, max-age=${maxAge}`,
      Vary: negotiated ? 'Accept-Encoding' : undefined,
      'Accept-Ranges': 'bytes',
      'Access-Control-Allow-Origin': cors ? '*' : undefined,
      'X-Content-Type-Options': 'nosniff',
    }
    const fromHook = headers?.(file) ?? {}
    const all = listOf(withHook(own, fromHook))
    const dated = !Object.keys(fromHook).some(name => name.toLowerCase() === 'last-modified')
    return { all, notModified: notModifiedHeaders(all), dated }
  }
}

function notModifiedHeaders(headers: HeaderList): HeaderList {
  return headers.filter(
    (_, index) => !/^(?:content-|accept-ranges$)/iu.test(headers[index - (index % 2)] ?? ''),
  )
}

function withHook(
  own: Record<string, string | undefined>,
  fromHook: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const result = { ...own }
  for (const [name, value] of Object.entries(fromHook)) {
    const lower = name.toLowerCase()
    if (FIXED.includes(lower))
      throw new StaticFilesError(`\`headers\` cannot set ${name}: the file decides about it`)
    for (const other of Object.keys(result)) if (other.toLowerCase() === lower) delete result[other]
    validateHeaderName(name)
    if (value !== undefined) validateHeaderValue(name, value)
    result[name] = value
  }
  return result
}

function listOf(headers: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}
