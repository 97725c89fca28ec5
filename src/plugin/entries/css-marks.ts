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
  /** What lies behind the last module. */
  readonly rest: string
}

const START = /@media\s+staticfiles-(k[0-9a-f]+)\s*\{\s*/u
// Other plugins may have made the selector more specific, as Vue's does for scoped styles.
const END = /\s*staticfiles-(k[0-9a-f]+)[^{}]*\{\s*--staticfiles:\s*\1;?\s*\}\s*\}\s*/u
const MARKED = new RegExp(
  `${START.source}([^]*?)\\s*staticfiles-\\1[^{}]*\\{\\s*--staticfiles:\\s*\\1;?\\s*\\}\\s*\\}\\s*`,
  'gu',
)

/** Returns the mark of a module, by its path from Vite's root. It is not a number, which a minifier would shorten. */
export function markOf(path: string): string {
  return `k${createHash('md5').update(path).digest('hex').slice(0, 16)}`
}

/**
 * Puts the CSS of a module into a block of its own, and a rule into the block. Minifiers keep both, and nothing is merged
 * across blocks: so the stylesheet that Vite makes of several modules can be cut again, empty modules are in it too, and
 * modules of equal content stay apart.
 */
export function addMark(css: string, mark: string): string {
  const [namespaces] = /^(?:\s*@namespace [^;]*;)*/iu.exec(css)!
  const rules = css.slice(namespaces.length)
  return `${namespaces}@media staticfiles-${mark}{${rules}\nstaticfiles-${mark}{--staticfiles:${mark}}}\n`
}

/** Cuts a stylesheet at its marks. */
export function cutSheet(css: string): MarkedSheet {
  const [, charset = ''] = /^(@charset [^;]*;)/iu.exec(css) ?? []
  const imports = leadingImports(css.slice(charset.length))
  const body = css.slice(charset.length + imports.length)
  const pieces: Piece[] = []
  let end = 0
  for (const match of body.matchAll(MARKED)) {
    const [block, mark, rules] = match
    pieces.push({ mark: mark!, rules: body.slice(end, match.index) + rules! })
    end = match.index + block.length
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

/** Whether a text has marks, whatever has become of their selectors. */
export function hasMark(text: string): boolean {
  return text.includes('--staticfiles:')
}

/** Returns the text without marks: a stylesheet, or a script that brings CSS along. */
export function withoutMarks(text: string): string {
  if (!hasMark(text)) return text
  return text.replace(new RegExp(START, 'gu'), '').replace(new RegExp(END, 'gu'), '')
}
