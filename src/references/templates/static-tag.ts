/** A static name in a template. */
export interface StaticTag {
  /** The name as Django gets it: without its quotes and escapes. */
  readonly url: string
  /** Where the tag begins in the text, in UTF-16 units. */
  readonly start: number
}
