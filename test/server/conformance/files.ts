import { type Expected, type Fact, type FactGroup, fact, mistakesOf } from './fact.ts'
import type { BuiltSite } from './site.ts'

const EMPTY = Buffer.alloc(0)

function served(states: string, url: (site: BuiltSite) => string, asked = (path: string) => path): Fact {
  return fact(
    states,
    site => [asked(url(site))],
    site => ({ body: site.bytes(url(site)) }),
  )
}

export const FILES: FactGroup = {
  title: 'Files',
  facts: [
    served('A hashed name is served', site => site.hashed('css/site.css')),
    served('A name without a hash is served', site => site.plain('css/site.css')),
    served('A bundle is served', site => site.hashed('js/main.ts')),
    served(
      'A query changes nothing',
      site => site.hashed('css/site.css'),
      url => `${url}?v=1&w=%2e%2e`,
    ),
    served(
      'A letter may be escaped',
      site => site.hashed('css/site.css'),
      url => url.replace('css/', '%63ss/'),
    ),
    served('Names may have blanks', site => site.hashed('odd/two words.txt')),
    served('Names may have letters beyond ASCII', site => site.hashed('odd/naïve.txt')),
    served('A plus is a plus', site => site.hashed('odd/a+b.txt')),
    served('A file of 6 MB is served whole', site => site.hashed('video/clip.mp4')),
    fact(
      'An empty file is served',
      site => [site.hashed('empty.txt')],
      () => ({ headers: { 'content-length': '0' }, body: EMPTY }),
    ),
    fact(
      '`Content-Length` is the length',
      site => [site.hashed('css/site.css')],
      site => ({ headers: { 'content-length': `${site.bytes(site.hashed('css/site.css')).length}` } }),
    ),
    served('A hashed name of an older release is served', site => site.plain('css/site.cafe00cafe00.css')),
    fact(
      'What is not there is 404',
      site => [site.plain('css/nothing.css')],
      () => ({ status: 404 }),
    ),
    fact(
      'Case counts',
      site => [site.plain('CSS/site.css')],
      () => ({ status: 404 }),
    ),
  ],
}

const SAME_HEADERS = [
  'content-length',
  'content-type',
  'content-encoding',
  'cache-control',
  'etag',
  'last-modified',
  'vary',
]

/** What a HEAD must have that a GET has. */
function asGet(states: string, headers: Record<string, string>): Fact {
  return {
    states,
    async measure(ask, site) {
      const url = site.hashed('css/site.css')
      const [get, head] = [await ask(url, headers), await ask(url, headers, 'HEAD')]
      const expected: Expected = {
        headers: Object.fromEntries(SAME_HEADERS.map(name => [name, get.headers[name]])),
        body: EMPTY,
      }
      return [mistakesOf(head, expected), []]
    },
  }
}

function refused(method: string): Fact {
  return fact(
    `${method} is answered 405, with \`Allow\``,
    site => [site.hashed('css/site.css'), { 'Content-Length': '0' }, method],
    () => ({ status: 405, headers: { allow: /^GET, ?HEAD$/ } }),
  )
}

export const METHODS: FactGroup = {
  title: 'Methods',
  facts: [
    asGet('HEAD has the headers of GET, and no body', {}),
    asGet('… of a compressed answer too', { 'Accept-Encoding': 'br' }),
    ...['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'].map(refused),
  ],
}
