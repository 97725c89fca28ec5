import { createHash } from 'node:crypto'

/** The CSS of one module in a stylesheet that the bundler made. */
export interface Piece {
  /** The mark of the module. */
  readonly mark: string
  readonly rules: string
}

/** A stylesheet of the bundler, cut at its marks. */
export interface MarkedSheet {
  readonly charset: string
  /** What Vite moved to the start: `@import` of other origins. */
  readonly imports: string
  readonly pieces: readonly Piece[]
  /** What no module's mark ends. */
  readonly rest: string
}

const MARK = /\s*staticfiles-mark-(k[0-9a-f]+)\s*\{\s*--staticfiles-mark:\s*\1;?\s*\}\s*/gu

/** Returns the mark of a module, by its path from Vite's root. It is not a number, which a minifier would shorten. */
export function markOf(path: string): string {
  return `k${createHash('md5').update(path).digest('hex').slice(0, 16)}`
}

/**
 * Ends the CSS of a module with a rule that minifiers keep. So the stylesheet that Vite makes of several modules can be
 * cut again, and modules of equal content stay apart.
 */
export function addMark(css: string, mark: string): string {
  return `${css}\nstaticfiles-mark-${mark}{--staticfiles-mark:${mark}}\n`
}

/** Cuts a stylesheet at its marks. */
export function cutSheet(css: string): MarkedSheet {
  const [, charset = ''] = /^(@charset [^;]*;)/iu.exec(css) ?? []
  const imports = leadingImports(css.slice(charset.length))
  const body = css.slice(charset.length + imports.length)
  const pieces: Piece[] = []
  let end = 0
  for (const match of body.matchAll(MARK)) {
    pieces.push({ mark: match[1]!, rules: body.slice(end, match.index) })
    end = match.index + match[0].length
  }
  return { charset, imports, pieces, rest: body.slice(end) }
}

const IMPORT =
  /^\s*@import\s*(?:url\(\s*(?:"[^"]*"|'[^']*'|[^)]*)\s*\)|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^;]*;/iu

/** Returns the `@import` rules at the start of a stylesheet. */
export function leadingImports(css: string): string {
  let end = 0
  for (let match = IMPORT.exec(css); match; match = IMPORT.exec(css.slice(end))) end += match[0].length
  return css.slice(0, end)
}

/** Returns the text without marks: a stylesheet, or a script that brings CSS along. */
export function withoutMarks(text: string): string {
  return text.includes('staticfiles-mark-') ? text.replace(MARK, '') : text
}
