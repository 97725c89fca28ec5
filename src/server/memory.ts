/** The bytes of a variant, as they are sent at once. */
export type Body = Buffer | string

/** What can be kept in memory. */
export interface Keepable {
  body: Body | undefined
  /** Whether it was sent since the memory was last looked through. */
  used: boolean
}

/**
 * In bytes: up to here a body is kept as a Latin-1 string, which Node joins to the head of the answer. A longer one costs more as a
 * string than it saves: docs/serving.md has the figures.
 */
const TEXT_LIMIT = 16 * 1024

/**
 * Keeps bodies within a budget. When it is full, those go that were not sent since their turn came last: to note the use of
 * a body then costs nothing but setting a flag (the "clock" of page replacement).
 */
export class Memory {
  readonly #budget: number
  #bytes = 0
  /** With their sizes, in the order of their turns. */
  readonly #kept = new Map<Keepable, number>()

  /** @param budget in bytes */
  constructor(budget: number) {
    this.#budget = budget
  }

  /** In bytes: what is kept now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a body of this size, in bytes, is kept at all: one must not push out all others. */
  takes(size: number): boolean {
    return size <= this.#budget / 8
  }

  /** Keeps the bytes of a variant that has none. */
  keep(variant: Keepable, content: Buffer): Body {
    const body = content.length <= TEXT_LIMIT ? content.toString('latin1') : content
    if (this.#kept.has(variant)) return body
    this.#makeRoom(content.length)
    this.#kept.set(variant, content.length)
    this.#bytes += content.length
    variant.body = body
    variant.used = true
    return body
  }

  #makeRoom(size: number): void {
    for (const [variant, kept] of this.#kept) {
      if (this.#bytes + size <= this.#budget) return
      this.#kept.delete(variant)
      if (variant.used) {
        variant.used = false
        // To the end: the loop comes to it again, and ends as the second turn finds nothing used.
        this.#kept.set(variant, kept)
      } else {
        variant.body = undefined
        this.#bytes -= kept
      }
    }
  }
}
