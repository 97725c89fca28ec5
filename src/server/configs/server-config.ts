import { type Encoding, SUFFIXES } from '../../base/encodings.ts'

/** What the configuration of a web server is made of. */
export interface ServerConfig {
  /** The path of the static URL as a server compares it, decoded, with a slash at both ends. */
  readonly staticPath: string
  /** The absolute path of the static root on the server, without a slash at the end. */
  readonly staticRoot: string
  /** The encodings whose siblings are in the static root. */
  readonly encodings: readonly Encoding[]
  /** Whether names have a hash. */
  readonly hash: boolean
  /** How long names without a hash may be kept, in seconds. */
  readonly maxAge: number
  /** The rest of the site: whole, or as the part of one that is there already. */
  readonly pages?: Pages | undefined
}

/** What is not below the static URL. */
export interface Pages {
  /** The names of the site; without one its configuration is there already. */
  readonly domain: string | undefined
  /** Where Django listens: `http://127.0.0.1:8000` or `unix:/run/gunicorn.sock`. */
  readonly upstream: string
  /** The absolute path of a folder of files for the top of the site: `robots.txt`. */
  readonly rootFiles: string | undefined
}

/** In seconds: what caches call forever. */
const YEAR = 31_536_000

/** @see https://www.rfc-editor.org/rfc/rfc8246 */
export const IMMUTABLE: string = `public, max-age=${YEAR}, immutable`

/** What the names of files without a hash are answered with. */
export function cacheFor({ maxAge }: ServerConfig): string {
  return `public, max-age=${maxAge}`
}

/** In the syntax of PCRE and RE2. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`)
}

/** What a sibling's path ends in; the first group is its original. */
export function siblingPattern(encodings: readonly Encoding[]): string {
  return `(.+)\\.(?:${encodings.map(encoding => SUFFIXES[encoding].slice(1)).join('|')})$`
}

/** Lines in braces, one tab in. */
export function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map(line => (line === '' ? '' : `\t${line}`)), '}']
}
