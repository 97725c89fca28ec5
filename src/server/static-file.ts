import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Encoding, SUFFIXES } from '../compress.ts'
import type { IndexedContent } from '../index-file.ts'
import { contentType } from './content-type.ts'
import { type HeaderList, headersOf, notModifiedHeaders } from './headers.ts'
import type { Validators } from './http.ts'
import type { Body, Keepable } from './memory.ts'
import type { ResolvedServerOptions } from './options.ts'

/** What a form is made of. */
export interface FormFacts extends Validators {
  readonly encoding: Encoding | undefined
  /** In bytes. */
  readonly size: number
  /** MD5 of the bytes in hex, where an index says it. */
  readonly hash: string | undefined
  /** Whether the file has several forms. */
  readonly negotiated: boolean
}

/** A form of a file: itself, or one of its siblings. Its headers are made when they are first sent, and stay. */
export class Form implements Keepable, Validators {
  readonly encoding: Encoding | undefined
  readonly size: number
  readonly hash: string | undefined
  readonly etag: string
  readonly lastModified: string
  readonly #negotiated: boolean
  readonly #file: KnownFile
  readonly #options: ResolvedServerOptions
  #fullHeaders: HeaderList | undefined
  #notModifiedHeaders: HeaderList | undefined
  body: Body | undefined = undefined
  used = false

  constructor(file: KnownFile, facts: FormFacts, options: ResolvedServerOptions) {
    this.encoding = facts.encoding
    this.size = facts.size
    this.hash = facts.hash
    this.etag = facts.etag
    this.lastModified = facts.lastModified
    this.#negotiated = facts.negotiated
    this.#file = file
    this.#options = options
  }

  /** An absolute path. */
  get path(): string {
    return this.encoding === undefined ? this.#file.path : this.#file.path + SUFFIXES[this.encoding]
  }

  /** Without those that speak of the length of the body. */
  get headers(): HeaderList {
    const { name, immutable } = this.#file
    const { encoding, etag, lastModified } = this
    const facts = { encoding, etag, lastModified, negotiated: this.#negotiated }
    return headersOf({ name, contentType: contentType(name), immutable }, facts, this.#options)
  }

  /** Of the whole form. */
  get fullHeaders(): HeaderList {
    this.#fullHeaders ??= [...this.headers, 'Content-Length', String(this.size)]
    return this.#fullHeaders
  }

  get notModifiedHeaders(): HeaderList {
    this.#notModifiedHeaders ??= notModifiedHeaders(this.headers)
    return this.#notModifiedHeaders
  }
}

/** What is known of a file before it is first asked for. */
export interface KnownFile {
  readonly name: string
  /** An absolute path. */
  readonly path: string
  readonly immutable: boolean
  /** What the index says of it; without it the file system is asked. */
  readonly content: Pick<IndexedContent, 'hash' | 'size' | 'siblings'> | undefined
  readonly encodings: readonly Encoding[]
}

/** A file that is served. What its answers need is worked out when it is first asked for, and stays. */
export class StaticFile {
  readonly known: KnownFile
  readonly #options: ResolvedServerOptions
  #forms: readonly Form[] | undefined
  #preparing: Promise<readonly Form[]> | undefined
  #trustsIndex = true

  constructor(known: KnownFile, options: ResolvedServerOptions) {
    this.known = known
    this.#options = options
  }

  /** The smallest first; `undefined` before {@link StaticFile.prepare}. */
  get forms(): readonly Form[] | undefined {
    return this.#forms
  }

  /** @throws where the file cannot be looked at: it may be gone */
  prepare(): Promise<readonly Form[]> {
    this.#preparing ??= this.#prepare().finally(() => {
      this.#preparing = undefined
    })
    return this.#preparing
  }

  /** Whether an index says the same of this file as it says of another one. */
  isStill({ known }: StaticFile): boolean {
    const { content, immutable } = this.known
    if (content === undefined || known.content === undefined || !this.#trustsIndex) return false
    const same = content.hash === known.content.hash && content.size === known.content.size
    return (
      same &&
      immutable === known.immutable &&
      JSON.stringify(content.siblings) === JSON.stringify(known.content.siblings)
    )
  }

  /** A form is no longer what the index says: from now on the file is what the file system says, without siblings. */
  hasChanged(form: Form): void {
    if (!this.#forms?.includes(form)) return
    this.#forms = undefined
    this.#trustsIndex = false
  }

  async #prepare(): Promise<readonly Form[]> {
    const { path: file, content, encodings } = this.known
    const { mtime, size } = await stat(file)
    const trusted = this.#trustsIndex && (content === undefined || content.size === size)
    const siblings = trusted ? (content?.siblings ?? (await siblingSizes(file, encodings))) : {}
    const hash = trusted ? content?.hash : undefined
    const sizes: [Encoding | undefined, number][] = [
      [undefined, size],
      ...(Object.entries(siblings) as [Encoding, number][]),
    ]
    const lastModified = mtime.toUTCString()
    const forms = sizes.map(([encoding, bytes]) => {
      const etag = hash === undefined ? weakTag(size, mtime, encoding) : strongTag(hash, encoding, bytes)
      const facts = { encoding, size: bytes, etag, lastModified, hash: encoding ? undefined : hash }
      return new Form(this.known, { ...facts, negotiated: sizes.length > 1 }, this.#options)
    })
    this.#forms = forms.sort((one, other) => one.size - other.size)
    return this.#forms
  }
}

/** The size of a sibling tells another compressor's result for the same bytes. */
function strongTag(hash: string, encoding: Encoding | undefined, size: number): string {
  return encoding === undefined ? `"${hash}"` : `"${hash}-${encoding}-${size.toString(16)}"`
}

/** Weak, as the same time and size do not prove the same bytes. */
function weakTag(size: number, mtime: Date, encoding: Encoding | undefined): string {
  return `W/"${size.toString(16)}-${mtime.getTime().toString(16)}${encoding ? `-${encoding}` : ''}"`
}

async function siblingSizes(
  file: string,
  encodings: readonly Encoding[],
): Promise<Partial<Record<Encoding, number>>> {
  const sizes = await Promise.all(
    encodings.map(async encoding => [encoding, (await stat(path.normalize(file + SUFFIXES[encoding]))).size]),
  )
  return Object.fromEntries(sizes)
}
