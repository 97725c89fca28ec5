import {
  type CSSToken,
  type TokenFunction,
  type TokenString,
  TokenType,
  tokenizer,
} from '@csstools/css-tokenizer'
import type { Form, Reference } from './reference.ts'

const REFERENCE_SYNTAX = /url\(|@import|image-set\(|src\(|sourceMappingURL=/i

/** Functions whose direct string arguments are URLs. */
const STRING_FUNCTIONS = new Set(['image-set', '-webkit-image-set', 'src'])

/** At-rules whose URLs are a name, a pattern to match, or a value to test: browsers do not load them. */
const PRELUDES_WITHOUT_FILES = new Set(['namespace', 'document', '-moz-document', 'supports'])

const SOURCE_MAP = /^\/\*#\s*sourceMappingURL=(\S+?)\s*\*\/$/
const DATA = /^data:/i
const TEMPLATE = /\{\{|\{%|<%|\$\{/

/**
 * Whether a stylesheet may hold references. This cheap test errs on the side of `true`; it misses only names that are
 * written with escapes (`u\72l(x)`).
 */
export function hasCssReferences(text: string): boolean {
  return REFERENCE_SYNTAX.test(text)
}

/**
 * Finds the references of a stylesheet in the order of its text: `url()`, `@import`, the strings of `image-set()` and
 * `src()`, and `sourceMappingURL` comments. `data:` URLs, empty ones and those with template braces are left out.
 *
 * @see https://drafts.csswg.org/css-values-4/#urls
 * @see https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#manifeststaticfilesstorage
 */
export function cssReferences(text: string): Reference[] {
  return new CssScanner(text).scan()
}

/**
 * Writes a CSS string whose value is `value`.
 *
 * @see https://drafts.csswg.org/cssom/#serialize-a-string
 */
export function cssString(value: string, quote = '"'): string {
  return quote + value.replace(/["'\\\p{Cc}]/gu, unit => escapeUnit(unit, quote)) + quote
}

function escapeUnit(unit: string, quote: string): string {
  if (unit === '\\' || unit === quote) return `\\${unit}`
  return unit === '"' || unit === "'" ? unit : `\\${unit.charCodeAt(0).toString(16)} `
}

const CSS_URL: Form = { escapes: 'css', before: 'url(', after: ')' }

type Token<Type extends TokenType> = Extract<CSSToken, { 0: Type }>
type Closing = Token<TokenType.CloseParen> | Token<TokenType.CloseSquare> | Token<TokenType.CloseCurly>

/** The bracket that each closing token closes; for a function's parenthesis, the function's name is pushed. */
const OPENED_BY = { ')': '(', ']': '[', '}': '{' } as const

class CssScanner {
  readonly #text: string
  readonly #tokens: { nextToken(): CSSToken }
  readonly #references: Reference[] = []
  /** The open blocks: a function's name in lower case, or a bracket. */
  readonly #open: string[] = []
  /** The prelude of the current at-rule: `import` still expects its URL, and browsers load nothing in `skipped`. */
  #prelude: 'import' | 'skipped' | undefined
  #preludeDepth = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokenizer({ css: text })
  }

  scan(): Reference[] {
    for (let token = this.#tokens.nextToken(); token[0] !== TokenType.EOF; token = this.#tokens.nextToken()) {
      this.#take(token)
    }
    return this.#references
  }

  #take(token: CSSToken) {
    switch (token[0]) {
      case TokenType.Whitespace:
        return
      case TokenType.Comment:
        return this.#sourceMap(token)
      case TokenType.AtKeyword:
        return this.#enterPrelude(token[4].value.toLowerCase())
      case TokenType.URL:
        return this.#url(token[4].value, token[2], token[3] + 1, CSS_URL)
      case TokenType.Function:
        return this.#function(token)
      case TokenType.String:
        return this.#string(token)
      case TokenType.Semicolon:
        return this.#leavePrelude()
      case TokenType.OpenCurly:
        this.#leavePrelude()
        this.#open.push('{')
        return
      case TokenType.OpenParen:
      case TokenType.OpenSquare:
        this.#open.push(token[1])
        return
      case TokenType.CloseParen:
      case TokenType.CloseSquare:
      case TokenType.CloseCurly:
        return this.#close(token)
    }
    if (this.#expectsImport()) this.#prelude = 'skipped'
  }

  #enterPrelude(name: string) {
    this.#prelude = name === 'import' ? name : PRELUDES_WITHOUT_FILES.has(name) ? 'skipped' : undefined
    this.#preludeDepth = this.#open.length
  }

  #leavePrelude() {
    if (this.#open.length === this.#preludeDepth) this.#prelude = undefined
  }

  #close(token: Closing) {
    const innermost = this.#open.at(-1)
    const bracket = innermost === '{' || innermost === '[' ? innermost : '('
    // An unmatched closing bracket closes nothing: https://drafts.csswg.org/css-syntax/#consume-component-value
    if (innermost === undefined || bracket !== OPENED_BY[token[1] as keyof typeof OPENED_BY]) return
    this.#open.pop()
    if (this.#open.length < this.#preludeDepth) this.#prelude = undefined
  }

  #expectsImport(): boolean {
    return this.#prelude === 'import' && this.#open.length === this.#preludeDepth
  }

  #function(token: TokenFunction) {
    const name = token[4].value.toLowerCase()
    if (name === 'url') return this.#urlFunction(token)
    if (this.#expectsImport() && name !== 'src') this.#prelude = 'skipped'
    this.#open.push(name)
  }

  #urlFunction(opening: TokenFunction) {
    const string = this.#nextToken()
    if (string[0] !== TokenType.String) return this.#continueIn('url', string)
    const after = this.#nextToken()
    if (after[0] === TokenType.CloseParen || after[0] === TokenType.EOF) {
      const last = after[0] === TokenType.EOF ? string : after
      return this.#url(string[4].value, opening[2], last[3] + 1, CSS_URL)
    }
    // Only the string is replaced, which keeps the modifiers of `url("x" crossorigin(anonymous))`.
    this.#url(string[4].value, string[2], string[3] + 1, this.#stringForm(string[2]))
    this.#continueIn('url', after)
  }

  #nextToken(): CSSToken {
    const token = this.#tokens.nextToken()
    return token[0] === TokenType.Whitespace ? this.#tokens.nextToken() : token
  }

  #continueIn(name: string, token: CSSToken) {
    this.#open.push(name)
    this.#take(token)
  }

  #string(token: TokenString) {
    const [start, end] = [token[2], token[3] + 1]
    if (STRING_FUNCTIONS.has(this.#open.at(-1) ?? '')) {
      this.#add('string', token[4].value, start, end, this.#stringForm(start))
    } else if (this.#expectsImport()) {
      // `@import"x"` needs a space, because the keyword would run into `url`.
      const gap = /[\s/]/.test(this.#text[start - 1]!) ? '' : ' '
      this.#url(token[4].value, start, end, { ...CSS_URL, before: `${gap}url(` })
    }
  }

  #stringForm(start: number): Form {
    return { escapes: 'css', quote: this.#text[start] }
  }

  #url(url: string, start: number, end: number, form: Form) {
    this.#add('url', url, start, end, form)
  }

  #add(kind: 'url' | 'string', value: string, start: number, end: number, form: Form) {
    const url = value.trim()
    const loaded = this.#prelude !== 'skipped'
    if (this.#prelude === 'import') this.#prelude = 'skipped'
    if (!loaded || url === '' || DATA.test(url) || TEMPLATE.test(url)) return
    this.#references.push({ kind, url, start, end, form })
  }

  #sourceMap(token: Token<TokenType.Comment>) {
    const url = SOURCE_MAP.exec(token[1])?.[1]
    if (url === undefined) return
    const form: Form = { escapes: 'none', before: '/*# sourceMappingURL=', after: ' */' }
    this.#references.push({ kind: 'source-map', url, start: token[2], end: token[3] + 1, form })
  }
}
