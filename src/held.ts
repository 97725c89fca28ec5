/** In bytes: what a build keeps of texts and rewritten files in memory, whatever their number. */
const ROOM = 48 * 1024 * 1024

/** Keeps what was made in memory as long as there is room; the rest is made again each time that it is needed. */
export class Held {
  #room: number

  constructor(room: number = ROOM) {
    this.#room = room
  }

  /**
   * @param size of what is made, about, in bytes
   * @param make makes equal values each time
   */
  hold<Value extends object>(size: number, make: () => Value): () => Value {
    let kept: Value | undefined
    return () => {
      if (kept !== undefined) return kept
      const value = make()
      if (size <= this.#room) {
        this.#room -= size
        kept = value
      }
      return value
    }
  }
}
