/** The content of a variant, in the type that is sent fastest. */
export type Body = Buffer | string

/** Something whose body can be kept in memory. */
export interface Keepable {
  body: Body | undefined
  /** Whether the body was sent since its last turn. */
  used: boolean
}

/**
 * The size, in bytes, up to which a body is kept as a Latin-1 string, which Node joins to the head of the response. A longer one
 * costs more as a string than it saves: docs/serving.md has the figures.
 */
const TEXT_LIMIT = 16 * 1024

/**
 * Keeps bodies within a budget. If it is full, the bodies go that were not sent since their last turn: noting that a body was
 * used costs no more than setting a flag (the "clock" algorithm of page replacement).
 */
export class Memory {
  readonly #budget: number
  #bytes = 0
  /** The size of each body, in the order of their turns. */
  readonly #sizes = new Map<Keepable, number>()

  /** @param budget in bytes */
  constructor(budget: number) {
    this.#budget = budget
  }

  /** The size of all bodies that are kept now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a body of this size, in bytes, is kept at all: one body must not push out all others. */
  accepts(size: number): boolean {
    return size <= this.#budget / 8
  }

  /** Keeps the content of a variant that has no body yet. */
  keep(variant: Keepable, content: Buffer): Body {
    const body = content.length <= TEXT_LIMIT ? content.toString('latin1') : content
    if (this.#sizes.has(variant)) return body
    this.#makeRoom(content.length)
    this.#sizes.set(variant, content.length)
    this.#bytes += content.length
    variant.body = body
    variant.used = true
    return body
  }

  #makeRoom(size: number): void {
    for (const [variant, bodySize] of this.#sizes) {
      if (this.#bytes + size <= this.#budget) return
      this.#sizes.delete(variant)
      if (variant.used) {
        variant.used = false
        // This moves it to the end. The loop meets it again, and ends because nothing is marked as used in the second turn.
        this.#sizes.set(variant, bodySize)
      } else {
        variant.body = undefined
        this.#bytes -= bodySize
      }
    }
  }
}
