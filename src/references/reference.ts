/** A URL inside a CSS or JavaScript file that may name another file. */
export interface Reference {
  /** `source-map` may be missing; a `module` has to start with `./`, `../` or `/`. */
  readonly kind: 'url' | 'string' | 'module' | 'source-map'
  /** The URL as the browser reads it: escapes of CSS or JavaScript decoded, percent-encoding kept. */
  readonly url: string
  /** Offset of the first UTF-16 unit that is replaced. */
  readonly start: number
  /** Offset behind the last UTF-16 unit that is replaced. */
  readonly end: number
  readonly form: Form
}

/** How a URL is written: data and no function, so that it can go from one thread to another. */
export interface Form {
  /** The grammar whose escapes it needs, in quotes; `none` has neither. */
  readonly escapes: 'css' | 'js' | 'json' | 'none'
  readonly quote?: string | undefined
  readonly before?: string
  readonly after?: string
  /** Whether it has to be percent-encoded, as the text around it is not UTF-8. */
  readonly ascii?: boolean
}
