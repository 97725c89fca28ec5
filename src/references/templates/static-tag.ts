/** A static name in a template. */
export interface StaticTag {
  /** The name as Django gets it: without its quotes and escapes. */
  readonly url: string
  /** The offset of the tag in the text, in UTF-16 units. */
  readonly start: number
}
