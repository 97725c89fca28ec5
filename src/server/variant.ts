import path from 'node:path'
import { type Encoding, SUFFIXES } from '../base/encodings.ts'
import type { IndexRow } from '../static-root/index/index-file.ts'
import { contentType } from './content-type.ts'
import type { CommonHeaders, HeaderList, HeaderMaker } from './headers.ts'
import type { Validators } from './http.ts'
import type { Body, Keepable } from './memory.ts'

/** A file as it was when it was looked at; its variants share it. */
export interface FileSnapshot {
  readonly file: ServableFile
  readonly maker: HeaderMaker
  /** MD5 of the file in hex, where an index says it. */
  readonly hash: string | undefined
  /** In milliseconds. */
  readonly modified: number
  readonly lastModified: string
  /** Whether the file has several variants. */
  readonly negotiated: boolean
}

/**
 * A variant of a file: itself, or one of its siblings. A site may have very many, so that it keeps little: what can be put
 * together in no time is not kept.
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

  /** An absolute path. */
  get path(): string {
    const { folder, name } = this.#snapshot.file
    return path.join(folder, name) + (this.encoding === undefined ? '' : SUFFIXES[this.encoding])
  }

  /** MD5 of the bytes in hex, where an index says it. */
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

  /** Without those that speak of the length of the body. */
  get headers(): string[] {
    return this.#withOwn(this.#commonHeaders.all)
  }

  /** Of the whole variant. */
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
  // Weak, as the same time and size do not prove the same bytes.
  if (hash === undefined)
    return joined('W/"', length, '-', modified.toString(16), encoding ? `-${encoding}` : '', '"')
  // The size of a sibling tells another compressor's result for the same bytes.
  return encoding === undefined ? joined('"', hash, '"') : joined('"', hash, '-', encoding, '-', length, '"')
}

/** In one piece: V8 keeps what `+` puts together as a tree of its parts until it is read. */
function joined(...parts: string[]): string {
  return parts.join('')
}

/** What is known of a file before it is first asked for. */
export interface ServableFile {
  readonly name: string
  /** The folder that the name is below, an absolute path. */
  readonly folder: string
  readonly immutable: boolean
  /** What the index says of it; without it the file system is asked. */
  readonly row: IndexRow | undefined
  readonly encodings: readonly Encoding[]
}
