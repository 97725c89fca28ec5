import { IMMUTABLE } from './server-config.ts'

/** The facts that a `_headers` file depends on. */
export interface HeadersConfig {
  /** The path of the static URL, escaped, with a slash at both ends. */
  readonly staticPath: string
  /** The hashed names, or `'all'` if the static root has no others. */
  readonly hashed: 'all' | Iterable<string>
}

/** The number of rules that Cloudflare Pages reads at most. */
export const MOST_RULES = 100

/**
 * Writes a `_headers` file for Netlify and Cloudflare Pages. Both merge the headers of all matching rules, and have no pattern that
 * tells hashed names from others, so each hashed name gets a rule of its own unless all names are hashed.
 * @see https://docs.netlify.com/manage/routing/headers/
 * @see https://developers.cloudflare.com/pages/configuration/headers/
 */
export function headersFile({ staticPath, hashed }: HeadersConfig): { text: string; rules: number } {
  const forAll = ['Access-Control-Allow-Origin: *', 'X-Content-Type-Options: nosniff']
  if (hashed === 'all') forAll.push(CACHE)
  // These characters have a meaning in a rule, and cannot be escaped.
  const names = hashed === 'all' ? [] : [...new Set(hashed)].filter(name => !/[*:]/u.test(name)).sort()
  const rules = [
    rule(`${staticPath}*`, forAll),
    ...names.map(name => rule(`${staticPath}${encodeURI(name)}`, [CACHE])),
  ]
  const text = `# Written by \`staticfiles config headers\`.\n${rules.join('\n')}\n`
  return { text, rules: rules.length }
}

const CACHE = `Cache-Control: ${IMMUTABLE}`

function rule(path: string, headers: readonly string[]): string {
  return [path, ...headers.map(header => `  ${header}`)].join('\n')
}
