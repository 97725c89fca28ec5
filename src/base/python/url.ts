/** The parts of a URL, with the names that Python's `urllib.parse.urlsplit` gives them. */
export interface UrlParts {
  scheme: string
  netloc: string
  path: string
  query: string
  fragment: string
}

const PARTS = /^(?:([a-z][a-z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is

/** Splits a URL like `urllib.parse.urlsplit`, which drops leading blanks and controls, and tabs and line ends anywhere. */
export function splitUrl(url: string): UrlParts {
  const clean = dropLeadingControls(url).replace(/[\t\r\n]/g, '')
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] = PARTS.exec(clean) ?? []
  return { scheme: scheme.toLowerCase(), netloc, path, query, fragment }
}

/** Joins the parts of a URL like `urllib.parse.urlunsplit`: an empty query or fragment loses its `?` or `#`. */
export function unsplitUrl({ scheme, netloc, path, query, fragment }: UrlParts): string {
  const start = (scheme && `${scheme}:`) + (netloc && `//${netloc}`)
  return start + path + (query && `?${query}`) + (fragment && `#${fragment}`)
}

/** Splits off the fragment like `urllib.parse.urldefrag`, which does not change a URL without one. */
export function splitFragment(url: string): [url: string, fragment: string] {
  if (!url.includes('#')) return [url, '']
  const parts = splitUrl(url)
  return [unsplitUrl({ ...parts, fragment: '' }), parts.fragment]
}

/** Decodes percent escapes like `urllib.parse.unquote`: invalid escapes stay, and invalid UTF-8 becomes U+FFFD. */
export function unquote(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
}

/** Strips blanks like `str.strip`, which strips other characters than `String.prototype.trim`. */
export function strip(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charAt(start))) start++
  while (end > start && isSpace(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(character: string): boolean {
  return /\p{White_Space}/u.test(character) || (character >= '\x1c' && character <= '\x1f')
}

function dropLeadingControls(text: string): string {
  let start = 0
  while (start < text.length && text.charAt(start) <= ' ') start++
  return text.slice(start)
}
