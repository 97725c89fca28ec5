import { type Expected, type Fact, type FactGroup, fact, mistakesOf } from './fact.ts'

/** A file of 1,000 bytes that has no siblings. */
const PHOTO = 'img/photo.png'
const SIZE = 1000

function range(states: string, value: string, [start, end]: [number, number]): Fact {
  return fact(
    states,
    site => [site.hashed(PHOTO), { Range: value }],
    site => ({
      status: 206,
      headers: { 'content-range': `bytes ${start}-${end}/${SIZE}`, 'content-length': `${end - start + 1}` },
      body: site.bytes(site.hashed(PHOTO)).subarray(start, end + 1),
    }),
  )
}

function whole(states: string, headers: Record<string, string>, method = 'GET'): Fact {
  return fact(
    states,
    site => [site.hashed(PHOTO), headers, method],
    site => ({
      headers: { 'content-length': `${SIZE}`, 'content-range': undefined },
      body: method === 'HEAD' ? Buffer.alloc(0) : site.bytes(site.hashed(PHOTO)),
    }),
  )
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2-4 */
function noRange(states: string, value: string): Fact {
  return {
    states,
    async measure(ask, site) {
      const answer = await ask(site.hashed(PHOTO), { Range: value })
      const refused = answer.status === 416
      return [refused || mistakesOf(answer, { body: site.bytes(site.hashed(PHOTO)) }), refused || []]
    },
  }
}

function unsatisfiable(states: string, value: string): Fact {
  return fact(
    states,
    site => [site.hashed(PHOTO), { Range: value }],
    () => ({ status: 416, headers: { 'content-range': `bytes */${SIZE}` } }),
  )
}

/** A range of a version that the client knows. */
function ifRange(
  states: string,
  condition: (headers: Readonly<Record<string, string>>) => string,
  status: number,
): Fact {
  return {
    states,
    async measure(ask, site) {
      const url = site.hashed(PHOTO)
      const { headers } = await ask(url)
      const answer = await ask(url, { Range: 'bytes=1-3', 'If-Range': condition(headers) })
      const expected: Expected = { status, headers: { 'content-length': status === 206 ? '3' : `${SIZE}` } }
      return [mistakesOf(answer, expected), []]
    },
  }
}

export const RANGES: FactGroup = {
  title: 'Ranges (RFC 9110, 14)',
  facts: [
    fact(
      '`Accept-Ranges: bytes`',
      site => [site.hashed(PHOTO)],
      () => ({ headers: { 'accept-ranges': 'bytes' } }),
    ),
    range('`bytes=0-13`: the first', 'bytes=0-13', [0, 13]),
    range('`bytes=0-0`: one byte', 'bytes=0-0', [0, 0]),
    range('`bytes=21-30`: some in the middle', 'bytes=21-30', [21, 30]),
    range('`bytes=990-`: from there on', 'bytes=990-', [990, 999]),
    range('`bytes=-3`: the last three', 'bytes=-3', [997, 999]),
    range('`bytes=21-100000`: to the end', 'bytes=21-100000', [21, 999]),
    fact(
      '`bytes=-100000`: all',
      site => [site.hashed(PHOTO), { Range: 'bytes=-100000' }],
      site => ({ status: [200, 206], body: site.bytes(site.hashed(PHOTO)) }),
    ),
    unsatisfiable('`bytes=1000-`: 416', 'bytes=1000-'),
    unsatisfiable('`bytes=10000-11000`: 416', 'bytes=10000-11000'),
    unsatisfiable('`bytes=-0`: 416', 'bytes=-0'),
    whole('Several ranges: the whole', { Range: 'bytes=0-1,5-6' }),
    noRange('`bytes=4-2` is none: the whole, or 416', 'bytes=4-2'),
    noRange('`bytes=a-b` is none: the whole, or 416', 'bytes=a-b'),
    whole('Another unit: the whole', { Range: 'items=0-1' }),
    whole('HEAD has no ranges', { Range: 'bytes=0-13' }, 'HEAD'),
    {
      states: 'The next answer is whole again',
      async measure(ask, site) {
        await ask(site.hashed(PHOTO), { Range: 'bytes=0-13' })
        const expected = { headers: { 'content-range': undefined }, body: site.bytes(site.hashed(PHOTO)) }
        return [mistakesOf(await ask(site.hashed(PHOTO)), expected), []]
      },
    },
    ifRange('`If-Range` with the tag: the range', headers => headers.etag ?? 'none', 206),
    ifRange('… with the date: the range', headers => headers['last-modified'] ?? 'none', 206),
    ifRange('… with another tag: the whole', () => '"594bd1d1-36"', 200),
    ifRange('… with the tag, but weak: the whole', headers => `W/${headers.etag?.replace('W/', '')}`, 200),
    ifRange('… with an earlier date: the whole', () => 'Fri, 11 Apr 2014 11:47:06 GMT', 200),
    {
      states: 'A range of a compressed answer is one of the sibling, or all of it',
      async measure(ask, site) {
        const answer = await ask(site.hashed('css/site.css'), { 'Accept-Encoding': 'br', Range: 'bytes=2-9' })
        const sibling = site.bytes(site.hashed('css/site.css'), '.br')
        const encoded: Expected = { headers: { 'content-encoding': 'br' }, body: sibling }
        const range = { 'content-encoding': 'br', 'content-range': `bytes 2-9/${sibling.length}` }
        const part: Expected = { status: 206, headers: range, body: sibling.subarray(2, 10) }
        return [mistakesOf(answer, answer.status === 206 ? part : encoded), []]
      },
    },
    fact(
      'A range of a file of 6 MB',
      site => [site.hashed('video/clip.mp4'), { Range: 'bytes=3000000-3999999' }],
      site => ({
        status: 206,
        body: site.bytes(site.hashed('video/clip.mp4')).subarray(3_000_000, 4_000_000),
      }),
    ),
  ],
}
