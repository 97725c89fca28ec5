import { Transform, type TransformCallback } from 'node:stream'

/** In bytes: where no head has begun by then, none is looked for any longer. */
const LIMIT = 64 * 1024

const HEAD = /<head(?:\s[^>]*)?>/iu

/** Puts HTML behind a page's `<head>` while the page streams through; a page without the tag stays as it is. */
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
    // One character a byte, so that places in the text are places in the bytes.
    const head = HEAD.exec(this.#seen.toString('latin1'))
    if (head) this.#inject(head.index + head[0].length)
    else if (this.#seen.length > LIMIT) this.#release()
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
