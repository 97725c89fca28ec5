import type { Reference } from './reference.ts'

/**
 * Finds the `file` member of a source map, which names the file that the map belongs to
 * ({@link https://tc39.es/ecma426/#sec-source-map-format ECMA-426}). The span is the string with its quotes.
 *
 * It reads the map only up to that member, because megabytes of `sourcesContent` may follow.
 * @param text JSON, which may start with `)]}'`
 * @returns `undefined` if there is no such string, the text before it is not JSON, or the text does not end with `}`
 */
export function sourceMapFile(text: string): Reference | undefined {
  if (!text.trimEnd().endsWith('}')) return undefined
  const start = memberStart(text, 'file')
  const string = start === undefined ? undefined : stringAt(text, start)
  if (start === undefined || string === undefined) return undefined
  return { kind: 'url', url: string.value, start, end: string.end, form: { escapes: 'json' } }
}

const PREFIX = /^\uFEFF?(?:\)\]\}'[^\n]*\n)?/

/** Returns the offset of the value of a member of the outermost object. */
function memberStart(text: string, name: string): number | undefined {
  let at = skipPunctuator(text, PREFIX.exec(text)![0].length, '{')
  while (at !== undefined) {
    const key = stringAt(text, at)
    const value = key && skipPunctuator(text, key.end, ':')
    if (value === undefined || key?.value === name) return value
    at = skipPunctuator(text, valueEnd(text, value), ',')
  }
  return undefined
}

/** Skips blanks, the punctuator and blanks again; returns `undefined` if the punctuator is not there. */
function skipPunctuator(text: string, at: number | undefined, punctuator: string): number | undefined {
  if (at === undefined) return undefined
  const start = skipBlanks(text, at)
  return text[start] === punctuator ? skipBlanks(text, start + 1) : undefined
}

function skipBlanks(text: string, at: number): number {
  let end = at
  while (' \t\n\r'.includes(text[end] ?? '.')) end++
  return end
}

function valueEnd(text: string, start: number): number | undefined {
  if (text[start] === '"') return stringEnd(text, start)
  return text[start] === '{' || text[start] === '[' ? nestedEnd(text, start) : scalarEnd(text, start)
}

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y

function scalarEnd(text: string, start: number): number | undefined {
  SCALAR.lastIndex = start
  return SCALAR.test(text) ? SCALAR.lastIndex : undefined
}

const NESTING = /["{}[\]]/g

/** Returns the offset after the bracket that closes the one at `start`. */
function nestedEnd(text: string, start: number): number | undefined {
  const closing: string[] = []
  NESTING.lastIndex = start
  for (let match = NESTING.exec(text); match; match = NESTING.exec(text)) {
    const [bracket] = match
    if (bracket === '"') NESTING.lastIndex = stringEnd(text, match.index) ?? text.length
    else if (bracket === '{') closing.push('}')
    else if (bracket === '[') closing.push(']')
    else if (closing.pop() !== bracket) return undefined
    if (closing.length === 0) return NESTING.lastIndex
  }
  return undefined
}

/** Returns the offset after the closing quote, without a regular expression, because one fails on strings of many megabytes. */
function stringEnd(text: string, start: number): number | undefined {
  if (text[start] !== '"') return undefined
  let quote = text.indexOf('"', start + 1)
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote === -1 ? undefined : quote + 1
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

function stringAt(text: string, start: number): { value: string; end: number } | undefined {
  const end = stringEnd(text, start)
  if (end === undefined) return undefined
  try {
    return { value: JSON.parse(text.slice(start, end)), end }
  } catch {
    return undefined
  }
}
