import path from 'node:path'
import { type Encoding, SUFFIXES } from '../base/encodings.ts'
import type { IndexRow } from '../static-root/index/index-file.ts'
import { contentType } from './content-type.ts'
import type { CommonHeaders, HeaderList, HeaderMaker } from './headers.ts'
import type { Validators } from './http.ts'
import type { Body, Keepable } from './memory.ts'

/** A file that may be served, before its first request. */
export interface ServableFile {
  readonly name: string
  /** The absolute path of the folder that the name is relative to. */
  readonly folder: string
  readonly immutable: boolean
  /** The file's row of the index; without one, the file system is asked. */
  readonly row: IndexRow | undefined
  readonly encodings: readonly Encoding[]
}

/** The state of a file when its variants were prepared; they share it. */
export interface FileSnapshot {
  readonly file: ServableFile
  readonly maker: HeaderMaker
  /** MD5 of the file in hex, if an index has it. */
  readonly hash: string | undefined
  /** The modification time in milliseconds. */
  readonly modified: number
  readonly lastModified: string
  /** Whether the file has several variants. */
  readonly negotiated: boolean
}

/**
 * A variant of a file: the file itself, or one of its siblings. There may be very many, so a variant keeps little: what takes no time
 * to compute is not kept.
 */
export class Variant implements Keepable, Validators {
  readonly encoding: Encoding | undefined
  /** In bytes. */
  readonly size: number
  readonly #snapshot: FileSnapshot
  #etag: string | undefined
  #common: CommonHeaders | undefined
  body: Body | undefined = undefined
  used = false

  constructor(snapshot: FileSnapshot, encoding: Encoding | undefined, size: number) {
    this.encoding = encoding
    this.size = size
    this.#snapshot = snapshot
  }

  /** The absolute path of the file, or of its sibling. */
  get path(): string {
    const { folder, name } = this.#snapshot.file
    return path.join(folder, name) + (this.encoding === undefined ? '' : SUFFIXES[this.encoding])
  }

  /** MD5 of the content in hex, if an index has it. */
  get hash(): string | undefined {
    return this.encoding === undefined ? this.#snapshot.hash : undefined
  }

  get etag(): string {
    this.#etag ??= tagOf(this.#snapshot, this.encoding, this.size)
    return this.#etag
  }

  get lastModified(): string {
    return this.#snapshot.lastModified
  }

  /** The headers without those about the length of the body. */
  get headers(): string[] {
    return this.#withOwn(this.#commonHeaders.all)
  }

  /** The headers of a response with the whole variant. */
  get fullHeaders(): HeaderList {
    const headers = this.headers
    headers.push('Content-Length', String(this.size))
    return headers
  }

  get notModifiedHeaders(): HeaderList {
    return this.#withOwn(this.#commonHeaders.notModified)
  }

  #withOwn(common: HeaderList): string[] {
    const headers = [...common, 'ETag', this.etag]
    if (this.#commonHeaders.dated) headers.push('Last-Modified', this.lastModified)
    return headers
  }

  get #commonHeaders(): CommonHeaders {
    this.#common ??= this.#findCommon()
    return this.#common
  }

  #findCommon(): CommonHeaders {
    const { file, maker, negotiated } = this.#snapshot
    const { name, immutable } = file
    const served = { name, contentType: contentType(name), immutable }
    return maker.commonHeaders(served, this.encoding, negotiated)
  }
}

function tagOf({ hash, modified }: FileSnapshot, encoding: Encoding | undefined, size: number): string {
  const length = size.toString(16)
  // This tag is weak, because the same time and size do not prove the same bytes.
  if (hash === undefined)
    return joined('W/"', length, '-', modified.toString(16), encoding ? `-${encoding}` : '', '"')
  // The size of a sibling changes if another compressor or level has compressed the same bytes.
  return encoding === undefined ? joined('"', hash, '"') : joined('"', hash, '-', encoding, '-', length, '"')
}

/** Joins strings into a flat one: V8 keeps the result of `+` as a tree of its parts until it is read. */
function joined(...parts: string[]): string {
  return parts.join('')
}
