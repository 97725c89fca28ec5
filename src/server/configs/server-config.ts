import { type Encoding, SUFFIXES } from '../../base/encodings.ts'

/** The facts that the configuration of a web server depends on. */
export interface ServerConfig {
  /** The path of the static URL as a server compares it, decoded, with a slash at both ends. */
  readonly staticPath: string
  /** The absolute path of the static root on the server, without a slash at the end. */
  readonly staticRoot: string
  /** The encodings whose siblings are in the static root. */
  readonly encodings: readonly Encoding[]
  /** Whether names have a hash. */
  readonly hash: boolean
  /** How long files without a hash in their names are cached, in seconds. */
  readonly maxAge: number
  /** The rest of the site; without it, the configuration has the static URL alone. */
  readonly pages?: Pages | undefined
}

/** How all URLs that are not below the static URL are served. */
export interface Pages {
  /** The name of the site; without one, the output is a part of an existing site's configuration. */
  readonly domain: string | undefined
  /** The address that Django listens on: `http://127.0.0.1:8000` or `unix:/run/gunicorn.sock`. */
  readonly upstream: string
  /** The absolute path of a folder of files that are served at `/`: `robots.txt`. */
  readonly rootFiles: string | undefined
}

/** A year, in seconds: caches treat it as forever. */
const YEAR = 31_536_000

/**
 * The `Cache-Control` of files with a hash in their names.
 * @see https://www.rfc-editor.org/rfc/rfc8246
 */
export const IMMUTABLE: string = `public, max-age=${YEAR}, immutable`

/** Returns the `Cache-Control` of files without a hash in their names. */
export function cacheFor({ maxAge }: ServerConfig): string {
  return `public, max-age=${maxAge}`
}

/** Escapes a text for PCRE and RE2. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`)
}

/** Returns a pattern that matches the paths of siblings; its first group is the original's path. */
export function siblingPattern(encodings: readonly Encoding[]): string {
  return `(.+)\\.(?:${encodings.map(encoding => SUFFIXES[encoding].slice(1)).join('|')})$`
}

/** Puts lines in braces, indented by one tab. */
export function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map(line => (line === '' ? '' : `\t${line}`)), '}']
}
