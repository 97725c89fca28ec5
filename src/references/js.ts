import { type ImportSpecifier, parse } from 'es-module-lexer/minimal'
import jsTokens from 'js-tokens'
import type { Reference } from './reference.ts'

/** The result of {@link jsReferences}. */
export interface JsReferences {
  /** The references in the order of the text. */
  readonly references: readonly Reference[]
  /**
   * Set if the text could not be parsed as JavaScript: it has a syntax error, or one of the few constructs that
   * es-module-lexer does not know. Then `references` has only source-map comments.
   */
  readonly unparsable?: {
    /** The offset of the error in UTF-16 units; 0 if only the end of the file shows it. */
    readonly offset: number
    readonly message: string
  }
}

/**
 * Whether a script may hold references. The text may be decoded as Latin-1.
 * @param modules as for {@link jsReferences}
 */
export function hasJsReferences(text: string, modules: boolean): boolean {
  return text.includes('sourceMappingURL=') || (modules && hasModuleSyntax(text))
}

/**
 * Finds the references of a script.
 *
 * - `source-map`: a `//# sourceMappingURL=` comment on a line of its own, as Django finds it, and a
 *   `/*# sourceMappingURL= *\/` comment that ends the file. The span is the comment, so that it can be dropped.
 * - `module`: the specifiers of imports, re-exports, `import()` and `import.meta.resolve()`.
 * - `url`: the first argument of `new URL('…', import.meta.url)`.
 *
 * An argument that is not one whole string literal, or one template without substitutions, is left alone.
 * @param modules whether to find `module` and `url` references, besides source-map comments
 */
export function jsReferences(text: string, modules: boolean): JsReferences {
  const script = withoutByteOrderMarks(text)
  const comments = sourceMapComments(script)
  if (!modules || !hasModuleSyntax(script)) return { references: comments }
  try {
    const [imports] = parse(script)
    const references = [
      ...comments,
      ...moduleReferences(text, imports),
      ...urlReferences(text, script, imports),
    ]
    return { references: references.sort((a, b) => a.start - b.start) }
  } catch (error) {
    return { references: comments, unparsable: problemOf(error) }
  }
}

function hasModuleSyntax(text: string): boolean {
  return /\bimport\b/.test(text) || (/\bexport\b/.test(text) && /\bfrom\b/.test(text))
}

/** Blanks out byte order marks, which es-module-lexer reads as a part of the next keyword. Every offset stays. */
function withoutByteOrderMarks(text: string): string {
  return text.replace(/^\uFEFF#!/, ' //').replaceAll('\uFEFF', ' ')
}

function problemOf(error: unknown): JsReferences['unparsable'] {
  if (!(error instanceof Error && 'idx' in error)) throw error
  return { offset: Number(error.idx), message: 'cannot be parsed as JavaScript' }
}

interface Span {
  readonly start: number
  readonly end: number
}

const LINE_COMMENT = /^([\t ]*)(\/\/#[\t ]sourceMappingURL=)(\S+)[\t ]*$/gm
const LAST_COMMENT = /()(\/\*#[\t ]sourceMappingURL=)([^\s*]+)([\t ]*\*\/)\s*$/y

function sourceMapComments(script: string): Reference[] {
  if (!script.includes('sourceMappingURL=')) return []
  LAST_COMMENT.lastIndex = script.lastIndexOf('/*#')
  const matches = [...script.matchAll(LINE_COMMENT), LAST_COMMENT.exec(script)]
  const comments = matches.flatMap(match => (match ? sourceMapComment(match) : []))
  return inCode(script, comments)
}

function sourceMapComment(match: RegExpExecArray): Reference[] {
  const [, indent = '', before = '', url = '', after = ''] = match
  if (/^data:/i.test(url)) return []
  const start = match.index + indent.length
  const end = start + before.length + url.length + after.length
  return [{ kind: 'source-map', url, start, end, form: { escapes: 'none', before, after } }]
}

/** Matches blanks and comments. Each text matches in one way only, because a failure could take exponential time otherwise. */
const BLANK = String.raw`(?:\s|/\*[^*]*(?:\*(?!/)[^*]*)*\*/|//.*(?=[\n\r\u2028\u2029]))*`
const ESCAPE = String.raw`\\(?:\r\n|(?!\r\n)[^])`
/** Limits the length of literals: no name is longer, and on a `data:` URL of megabytes a regular expression runs out of stack. */
const LENGTH = '{0,65535}'
const QUOTED = [`'`, `"`].map(quote => String.raw`${quote}(?:[^${quote}\\\n\r]|${ESCAPE})${LENGTH}${quote}`)
const TEMPLATE = String.raw`\x60(?:[^\x60\\$]|${ESCAPE}|\$(?!\{))${LENGTH}\x60`
const LITERAL = `(${QUOTED.join('|')}|${TEMPLATE})`

const NEW_URL = callPattern('dg', String.raw`\bnew\b URL \( ${LITERAL} , import \. meta \. url`)
const RESOLVE = callPattern('dy', String.raw` \. resolve \( ${LITERAL}`)

/** Builds a pattern of a call: each space in `tokens` stands for blanks and comments, and it adds an optional comma and `)`. */
function callPattern(flags: string, tokens: string): RegExp {
  return new RegExp([...tokens.split(' '), `(?:,${BLANK})?\\)`].join(BLANK), flags)
}

/** The values of `t` for `import()`, `import.source()` and `import.defer()`; es-module-lexer has no names for them. */
const DYNAMIC_TYPES: readonly number[] = [2, 5, 7]
const IMPORT_META = 3

function moduleReferences(text: string, imports: readonly ImportSpecifier[]): Reference[] {
  return imports
    .map(specifier => specifierLiteral(text, specifier))
    .flatMap(literal => literalReference(text, 'module', literal))
    .filter(({ url }) => /^(?:\.{1,2}\/|\/(?!\/))/.test(url))
}

function specifierLiteral(text: string, { t: type, n: specifier, s, e }: ImportSpecifier): Span | undefined {
  if (type === IMPORT_META) return resolveArgument(text, e)
  if (specifier === undefined) return undefined
  return DYNAMIC_TYPES.includes(type) ? { start: s, end: e } : { start: s - 1, end: e + 1 }
}

function resolveArgument(text: string, endOfImportMeta: number): Span | undefined {
  RESOLVE.lastIndex = endOfImportMeta
  return literalOf(RESOLVE.exec(text))
}

function urlReferences(text: string, script: string, imports: readonly ImportSpecifier[]): Reference[] {
  if (!imports.some(({ t: type }) => type === IMPORT_META)) return []
  const calls = [...text.matchAll(NEW_URL)].map(match => ({
    start: match.index,
    end: match.index + match[0].length,
    literal: literalOf(match),
  }))
  return inCode(script, calls).flatMap(({ literal }) => literalReference(text, 'url', literal))
}

function literalOf(match: RegExpExecArray | null): Span | undefined {
  const span = match?.indices?.[1]
  return span && { start: span[0], end: span[1] }
}

function literalReference(text: string, kind: 'module' | 'url', literal: Span | undefined): Reference[] {
  if (literal === undefined) return []
  const quoted = text.slice(literal.start, literal.end)
  const url = decodeLiteral(quoted)
  if (url === undefined) return []
  const { start, end } = literal
  return [{ kind, url, start, end, form: { escapes: 'js', quote: quoted.charAt(0) } }]
}

/** Decodes a literal. es-module-lexer does it, so that there is only one grammar of escapes. */
function decodeLiteral(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    return parse(`import(${literal})`)[0][0]?.n
  } catch {
    return undefined
  }
}

/** Writes a JavaScript string whose value is `url`. */
export function jsLiteral(url: string, quote = '"'): string {
  const special = quote === '`' ? /[\\`\n\r\u2028\u2029]|\$(?=\{)/g : /[\\'"\n\r\u2028\u2029]/g
  return quote + url.replace(special, unit => encodeUnit(unit, quote)) + quote
}

function encodeUnit(unit: string, quote: string): string {
  if (/[\n\r\u2028\u2029]/.test(unit)) return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return /['"]/.test(unit) && unit !== quote ? unit : `\\${unit}`
}

const PROBE = 'import.meta '

/**
 * Keeps the spans that start in code, not in a comment, string, template or regular expression. It puts an `import.meta`
 * before each: the lexer reports it only in code, and inside anything else it changes nothing.
 */
function inCode<T extends Span>(script: string, spans: readonly T[]): T[] {
  if (spans.length === 0) return []
  try {
    const starts = new Set(parse(withProbes(script, spans))[0].map(({ ss: start }) => start))
    return spans.filter(({ start }, index) => starts.has(start + index * PROBE.length))
  } catch {
    const starts = tokenStarts(script, new Set(spans.map(({ start }) => start)))
    return spans.filter(({ start }) => starts.has(start))
  }
}

function withProbes(script: string, spans: readonly Span[]): string {
  const starts = [0, ...spans.map(({ start }) => start)]
  return starts.map((start, index) => script.slice(start, starts[index + 1])).join(PROBE)
}

/** Finds which offsets start a token. js-tokens is slower than es-module-lexer, but also reads invalid JavaScript. */
function tokenStarts(script: string, offsets: ReadonlySet<number>): Set<number> {
  const starts = new Set<number>()
  let offset = 0
  try {
    for (const { value } of jsTokens(script)) {
      if (offsets.has(offset)) starts.add(offset)
      offset += value.length
    }
  } catch (error) {
    // Its regular expressions run out of stack on strings of megabytes: the rest of the script is left alone.
    if (!(error instanceof RangeError)) throw error
  }
  return starts
}
