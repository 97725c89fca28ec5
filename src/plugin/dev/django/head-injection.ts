import { Transform, type TransformCallback } from 'node:stream'

/** How much of a page is searched for the start of its head, in bytes. */
const LIMIT = 64 * 1024

/** What may come before the tag: a byte order mark, whitespace, comments, the doctype, and `<html>`. */
const BEFORE =
  /^(?:[\s\xEF\xBB\xBF]|<!--.*?-->|<(?!!--)[!?][^>]*>|<html(?:\s(?:"[^"]*"|'[^']*'|[^"'>])*)?>)*/isu
const HEAD = /^<head(?:\s(?:"[^"]*"|'[^']*'|[^"'>])*)?>/iu

/** What may become one of those when more of the page arrives. */
const UNFINISHED = /^(?:<(?:[!?].*|h(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^"'>])*)?)?$/isu

/**
 * Inserts HTML after a page's `<head>` while the page streams through. A page without the tag stays as it is, and is not
 * held back.
 */
export class HeadInjection extends Transform {
  readonly #html: string
  #seen = Buffer.alloc(0)
  #isDone = false

  constructor(html: string) {
    super()
    this.#html = html
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#isDone) this.push(chunk)
    else this.#look(chunk)
    done()
  }

  override _flush(done: TransformCallback): void {
    if (!this.#isDone) this.#release()
    done()
  }

  #look(chunk: Buffer): void {
    this.#seen = Buffer.concat([this.#seen, chunk])
    // In latin1 each byte is one character, so that offsets in the text are offsets in the bytes.
    const text = this.#seen.toString('latin1')
    const start = BEFORE.exec(text)?.[0].length ?? 0
    const rest = text.slice(start)
    const head = HEAD.exec(rest)
    if (head) this.#inject(start + head[0].length)
    else if (!UNFINISHED.test(rest) || text.length > LIMIT) this.#release()
  }

  #inject(at: number): void {
    this.push(this.#seen.subarray(0, at))
    this.push(this.#html)
    this.#seen = this.#seen.subarray(at)
    this.#release()
  }

  #release(): void {
    this.#isDone = true
    if (this.#seen.length > 0) this.push(this.#seen)
    this.#seen = Buffer.alloc(0)
  }
}
