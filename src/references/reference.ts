/** A URL inside a CSS or JavaScript file that may name another file. */
export interface Reference {
  /** A `source-map` may be missing; a `module` must start with `./`, `../` or `/`. */
  readonly kind: 'url' | 'string' | 'module' | 'source-map'
  /** The URL as the browser reads it: escapes of CSS or JavaScript are decoded, percent-encoding is kept. */
  readonly url: string
  /** The offset of the first UTF-16 unit that is replaced. */
  readonly start: number
  /** The offset after the last UTF-16 unit that is replaced. */
  readonly end: number
  readonly form: Form
}

/** How a URL is written. It is plain data instead of a function, so that threads can exchange it. */
export interface Form {
  /** The grammar whose escapes and quotes it needs; `none` has neither. */
  readonly escapes: 'css' | 'js' | 'json' | 'none'
  readonly quote?: string | undefined
  readonly before?: string
  readonly after?: string
  /** Whether to percent-encode the URL, because the text around it is not UTF-8. */
  readonly ascii?: boolean
}
