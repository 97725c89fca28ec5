import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Encoding, SUFFIXES } from '../compress.ts'
import type { IndexedContent } from '../index-file.ts'
import { contentType } from './content-type.ts'
import { type HeaderList, headersOf, notModifiedHeaders } from './headers.ts'
import type { Validators } from './http.ts'
import type { Keepable } from './memory.ts'
import type { ResolvedServerOptions } from './options.ts'

/** A form of a file: itself, or one of its siblings. */
export interface Form extends Validators, Keepable {
  readonly encoding: Encoding | undefined
  /** An absolute path. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** MD5 of the bytes in hex, where an index says it. */
  readonly hash: string | undefined
  /** Without those that speak of the length of the body. */
  readonly headers: HeaderList
  /** Of the whole form. */
  readonly fullHeaders: HeaderList
  readonly notModifiedHeaders: HeaderList
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
    const forms = sizes.map(([encoding, bytes]) => {
      const etag = hash === undefined ? weakTag(size, mtime, encoding) : strongTag(hash, encoding, bytes)
      return this.#form({
        encoding,
        size: bytes,
        etag,
        mtime,
        hash: encoding ? undefined : hash,
        negotiated: sizes.length > 1,
      })
    })
    this.#forms = forms.sort((one, other) => one.size - other.size)
    return this.#forms
  }

  #form(facts: {
    encoding: Encoding | undefined
    size: number
    etag: string
    mtime: Date
    hash: string | undefined
    negotiated: boolean
  }): Form {
    const { name, path: file, immutable } = this.known
    const { encoding, size, etag, hash } = facts
    const lastModified = facts.mtime.toUTCString()
    const headers = headersOf(
      { name, contentType: contentType(name), immutable },
      { ...facts, lastModified },
      this.#options,
    )
    return {
      ...{ encoding, size, etag, hash, lastModified, headers },
      path: encoding === undefined ? file : file + SUFFIXES[encoding],
      fullHeaders: [...headers, 'Content-Length', String(size)],
      notModifiedHeaders: notModifiedHeaders(headers),
      body: undefined,
      used: false,
    }
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
