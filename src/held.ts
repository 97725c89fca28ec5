/** In bytes: what a build keeps of texts and rewritten files in memory, whatever their number. */
const ROOM = 48 * 1024 * 1024

/** Keeps values in memory as long as there is room; the others are made again each time that they are needed. */
export class Held {
  #room: number

  constructor(room: number = ROOM) {
    this.#room = room
  }

  /**
   * @param size of the value, in bytes
   * @param again makes an equal value
   */
  hold<Value>(value: Value, size: number, again: () => Value): () => Value {
    if (size > this.#room) return again
    this.#room -= size
    return () => value
  }
}
