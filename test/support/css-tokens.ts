import { string, tokenize, tokenTypes, url } from 'css-tree'

/** A token as css-tree reads it. What loads a file is an `url` with the decoded URL, however it is written. */
export interface CssToken {
  readonly type: 'url' | 'string' | 'comment' | 'other'
  readonly text: string
}

interface RawToken {
  readonly type: number
  readonly text: string
}

/** css-tree is not part of what is tested. */
export function cssTokens(css: string): CssToken[] {
  const raw: RawToken[] = []
  tokenize(css, (type, start, end) => raw.push({ type, text: css.slice(start, end) }))
  const tokens: CssToken[] = []
  for (let i = 0; i < raw.length; i++) {
    const [token, end] = urlAt(raw, i) ?? [plain(raw[i]!), i]
    tokens.push(token)
    i = end
  }
  return tokens
}

/** A URL that starts at a token, and the index of its last token. */
function urlAt(raw: readonly RawToken[], start: number): [CssToken, number] | undefined {
  const { type, text } = raw[start]!
  if (type === tokenTypes.Url) return [{ type: 'url', text: url.decode(text).trim() }, start]
  if (type === tokenTypes.Function && /^url\($/i.test(text)) return urlFunction(raw, start)
  const imports = type === tokenTypes.String && /^@import$/i.test(lastBefore(raw, start)?.text ?? '')
  return imports ? [{ type: 'url', text: string.decode(text).trim() }, start] : undefined
}

function urlFunction(raw: readonly RawToken[], start: number): [CssToken, number] | undefined {
  const argument = skipBlanks(raw, start + 1)
  const end = skipBlanks(raw, argument + 1)
  if (raw[argument]?.type !== tokenTypes.String || raw[end]?.text !== ')') return undefined
  return [{ type: 'url', text: string.decode(raw[argument].text).trim() }, end]
}

function lastBefore(raw: readonly RawToken[], index: number): RawToken | undefined {
  return raw.slice(Math.max(index - 5, 0), index).findLast(token => !isBlank(token))
}

function skipBlanks(raw: readonly RawToken[], index: number): number {
  let next = index
  while (raw[next]?.type === tokenTypes.WhiteSpace) next++
  return next
}

function isBlank({ type }: RawToken): boolean {
  return type === tokenTypes.WhiteSpace || type === tokenTypes.Comment
}

function plain({ type, text }: RawToken): CssToken {
  if (type === tokenTypes.String) return { type: 'string', text: string.decode(text) }
  return { type: type === tokenTypes.Comment ? 'comment' : 'other', text }
}
