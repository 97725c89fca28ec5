/** A URL inside a CSS or JavaScript file that may name another file. */
export interface Reference {
  /** `source-map` may be missing; a `module` has to start with `./`, `../` or `/`. */
  readonly kind: 'url' | 'string' | 'module' | 'source-map'
  /** The URL as the browser reads it: escapes of CSS or JavaScript decoded, percent-encoding kept. */
  readonly url: string
  /** Offset of the first UTF-16 unit that {@link write} replaces. */
  readonly start: number
  /** Offset behind the last UTF-16 unit that {@link write} replaces. */
  readonly end: number
  /** The text for `start` to `end` that names `url` instead. */
  write(url: string): string
}
