import { IMMUTABLE } from './server-config.ts'

/** What a `_headers` file is made of. */
export interface HeadersConfig {
  /** The path of the static URL, escaped, with a slash at both ends. */
  readonly staticPath: string
  /** The hashed names; `'all'` where the static root has no others. */
  readonly hashed: 'all' | Iterable<string>
}

/** Cloudflare Pages reads no more. */
export const MOST_RULES = 100

/**
 * A `_headers` file for Netlify and Cloudflare Pages. Both merge the headers of all rules that match, and know no pattern that
 * tells a hashed name from another, so that each is a rule of its own unless all are.
 * @see https://docs.netlify.com/manage/routing/headers/
 * @see https://developers.cloudflare.com/pages/configuration/headers/
 */
export function headersFile({ staticPath, hashed }: HeadersConfig): { text: string; rules: number } {
  const forAll = ['Access-Control-Allow-Origin: *', 'X-Content-Type-Options: nosniff']
  if (hashed === 'all') forAll.push(CACHE)
  // In a rule these are no letters, and nothing escapes them.
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
