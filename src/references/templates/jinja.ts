import type { StaticTag } from './static-tag.ts'

/** Matches the start of a comment, raw text, an expression or a statement. */
const OPENING = /\{#|\{%[-+]?\s*raw\s*-?%\}|\{\{|\{%/gu

const END_OF_COMMENT = /#\}/gu
const END_OF_RAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/gu

/**
 * Finds the calls of `static` with a literal name, in the order of the text. It reads each character once, because a text
 * that is not a Jinja template may hold anything. It stops at the first error of Jinja's syntax.
 */
export function jinjaCalls(text: string): StaticTag[] {
  const calls: StaticTag[] = []
  let from: number | undefined = 0
  while (from !== undefined) {
    const opening = matchFrom(OPENING, text, from)
    if (opening === undefined) break
    if (opening.text === '{#') from = matchFrom(END_OF_COMMENT, text, opening.end)?.end
    else if (opening.text.endsWith('}')) from = matchFrom(END_OF_RAW, text, opening.end)?.end
    else {
      const expression = readExpression(text, opening.end, opening.text === '{{' ? '}}' : '%}')
      calls.push(...callsIn(expression?.tokens ?? []))
      from = expression?.end
    }
  }
  return calls
}

interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Matches a string, a name, or a single character; an unclosed quote is an error. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'|[\p{ID_Start}_]\p{ID_Continue}*|[^"']/suy

/** Reads up to `close`, which does not count inside brackets; returns `undefined` if it is missing. */
function readExpression(
  text: string,
  from: number,
  close: string,
): { tokens: Token[]; end: number } | undefined {
  const tokens: Token[] = []
  let depth = 0
  let at = from
  while (depth > 0 || !text.startsWith(close, at)) {
    const token = matchFrom(TOKEN, text, at)
    if (token === undefined) return undefined
    if ('([{'.includes(token.text)) depth++
    if (')]}'.includes(token.text)) depth--
    if (depth < 0) return undefined
    if (token.text.trim() !== '') tokens.push(token)
    at = token.end
  }
  return { tokens, end: at + close.length }
}

/** After these tokens, `static(` is an attribute, a filter, a test or a macro. */
const NOT_A_CALL_AFTER = ['.', '|', 'is', 'filter', 'macro']

function callsIn(tokens: readonly Token[]): StaticTag[] {
  return tokens.flatMap(({ text, start }, index) => {
    if (text !== 'static' || isNotACall(tokens, index)) return []
    const [open, argument, ...after] = tokens.slice(index + 1, index + 5).map(token => token.text)
    const closes = after[0] === ')' || (after[0] === ',' && after[1] === ')')
    return open === '(' && argument !== undefined && /^["']/u.test(argument) && closes
      ? [{ url: unescaped(argument.slice(1, -1)), start }]
      : []
  })
}

function isNotACall(tokens: readonly Token[], index: number): boolean {
  const [beforeLast, last] = [tokens[index - 2]?.text, tokens[index - 1]?.text]
  if (last === 'not') return beforeLast === 'is'
  return last !== undefined && NOT_A_CALL_AFTER.includes(last)
}

/** Decodes the escapes that a name may need. */
function unescaped(literal: string): string {
  return literal.replace(/\\(["'\\])/gu, '$1')
}

function matchFrom(pattern: RegExp, text: string, from: number): Token | undefined {
  pattern.lastIndex = from
  const match = pattern.exec(text)
  return match ? { text: match[0], start: match.index, end: pattern.lastIndex } : undefined
}
