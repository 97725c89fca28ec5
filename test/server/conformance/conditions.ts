import type { Ask } from './ask.ts'
import { type Expected, type Fact, type FactGroup, mistakesOf } from './fact.ts'

const EMPTY = Buffer.alloc(0)
const EARLIER = 'Fri, 11 Apr 2014 11:47:06 GMT'
const LATER = 'Fri, 11 Apr 2031 11:47:06 GMT'

/** What a file's first answer says of its version. */
interface Version {
  readonly etag: string
  readonly modified: string
}

/** A second request that knows the first one's answer. */
function again(
  states: string,
  headers: (version: Version) => Record<string, string>,
  expected: Expected,
  method = 'GET',
): Fact {
  return {
    states,
    async measure(ask, site) {
      const url = site.hashed('css/site.css')
      const answer = await ask(url, headers(await versionOf(ask, url)), method)
      return [mistakesOf(answer, expected), []]
    },
  }
}

async function versionOf(ask: Ask, url: string): Promise<Version> {
  const { headers } = await ask(url)
  return { etag: headers.etag ?? 'none', modified: headers['last-modified'] ?? 'none' }
}

const NOT_MODIFIED: Expected = { status: 304, body: EMPTY }

export const CONDITIONS: FactGroup = {
  title: 'Versions and conditions (RFC 9110, 8.8 and 13)',
  facts: [
    again('The `ETag` is strong', () => ({}), { headers: { etag: /^"[^"]+"$/ } }),
    {
      states: 'Each encoding has an `ETag` of its own',
      async measure(ask, site) {
        const url = site.hashed('css/site.css')
        const tags = await Promise.all(
          ['identity', 'gzip', 'br'].map(
            async encoding => (await ask(url, { 'Accept-Encoding': encoding })).headers.etag,
          ),
        )
        return [new Set(tags).size, 3]
      },
    },
    again('`Last-Modified` is a date', () => ({}), {
      headers: { 'last-modified': /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/ },
    }),
    again(
      '`If-None-Match` with the tag: 304 without a body',
      ({ etag }) => ({ 'If-None-Match': etag }),
      NOT_MODIFIED,
    ),
    again('… in a list', ({ etag }) => ({ 'If-None-Match': `"other", ${etag}` }), NOT_MODIFIED),
    again(
      '… as a weak one',
      ({ etag }) => ({ 'If-None-Match': `W/${etag.replace('W/', '')}` }),
      NOT_MODIFIED,
    ),
    again('… as `*`', () => ({ 'If-None-Match': '*' }), NOT_MODIFIED),
    again('… to a HEAD', ({ etag }) => ({ 'If-None-Match': etag }), NOT_MODIFIED, 'HEAD'),
    again('… another tag: 200', () => ({ 'If-None-Match': '"594bd1d1-36"' }), { status: 200 }),
    {
      states: '… the tag of the compressed file: 304',
      async measure(ask, site) {
        const url = site.hashed('css/site.css')
        const accepting = { 'Accept-Encoding': 'br' }
        const { headers } = await ask(url, accepting)
        const answer = await ask(url, { ...accepting, 'If-None-Match': headers.etag ?? 'none' })
        return [mistakesOf(answer, { ...NOT_MODIFIED, headers: { vary: /accept-encoding/i } }), []]
      },
    },
    again('A 304 has the `ETag` and `Cache-Control` of the 200', ({ etag }) => ({ 'If-None-Match': etag }), {
      status: 304,
      headers: { etag: /"/, 'cache-control': /immutable/ },
    }),
    again(
      '`If-Modified-Since` with the date: 304',
      ({ modified }) => ({ 'If-Modified-Since': modified }),
      NOT_MODIFIED,
    ),
    again('… a later date: 304', () => ({ 'If-Modified-Since': LATER }), NOT_MODIFIED),
    again('… an earlier date: 200', () => ({ 'If-Modified-Since': EARLIER }), { status: 200 }),
    again('… no date: 200', () => ({ 'If-Modified-Since': 'yesterday' }), { status: 200 }),
    again(
      '`If-None-Match` wins over `If-Modified-Since`',
      () => ({ 'If-None-Match': '"594bd1d1-36"', 'If-Modified-Since': LATER }),
      { status: 200 },
    ),
    again('`If-Match` with the tag: 200', ({ etag }) => ({ 'If-Match': etag }), { status: 200 }),
    again('… as `*`: 200', () => ({ 'If-Match': '*' }), { status: 200 }),
    again('… another tag: 412', () => ({ 'If-Match': '"594bd1d1-36"' }), { status: 412 }),
    again('`If-Unmodified-Since` a later date: 200', () => ({ 'If-Unmodified-Since': LATER }), {
      status: 200,
    }),
    again('… an earlier date: 412', () => ({ 'If-Unmodified-Since': EARLIER }), { status: 412 }),
  ],
}
