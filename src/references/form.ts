import { cssString } from './css.ts'
import { jsLiteral } from './js.ts'
import type { Form, Reference } from './reference.ts'

const QUOTED: Record<Form['escapes'], (url: string, quote?: string) => string> = {
  css: cssString,
  js: jsLiteral,
  json: url => JSON.stringify(url),
  none: url => url,
}

/** Returns the text that replaces a reference from `start` to `end`, so that it names `url` instead. */
export function urlText({ form }: Reference, url: string): string {
  const { escapes, quote, before = '', after = '', ascii } = form
  return before + QUOTED[escapes](ascii ? encodeNonAscii(url) : url, quote) + after
}

function encodeNonAscii(url: string): string {
  return url.replace(/[^\0-\x7f]+/gu, encodeURIComponent)
}
