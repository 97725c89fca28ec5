import { type Fact, type FactGroup, fact } from './fact.ts'

const CSS = 'css/site.css'
const SUFFIXES: Readonly<Record<string, string>> = { br: '.br', gzip: '.gz' }

/** What is sent of a file that has siblings; `undefined` is the file itself. */
function negotiated(
  accept: string,
  encoding: 'br' | 'gzip' | undefined,
  states = `\`${accept}\`: ${encoding ?? 'as it is'}`,
): Fact {
  return fact(
    states,
    site => [site.hashed(CSS), { ...(accept !== '' && { 'Accept-Encoding': accept }) }],
    site => {
      const body = site.bytes(site.hashed(CSS), encoding && SUFFIXES[encoding])
      return { headers: { 'content-encoding': encoding }, body }
    },
  )
}

/** Where no encoding is the only right one. */
function encoded(accept: string, states: string): Fact {
  return fact(
    states,
    site => [site.hashed(CSS), { 'Accept-Encoding': accept }],
    () => ({ status: [200, 406], headers: { 'content-encoding': /^(?:br|gzip)$/ } }),
  )
}

function varies(states: string, headers: Record<string, string>): Fact {
  return fact(
    states,
    site => [site.hashed(CSS), headers],
    () => ({ headers: { vary: /^accept-encoding$/i } }),
  )
}

export const ENCODINGS: FactGroup = {
  title: '`Accept-Encoding` (RFC 9110, 12.5.3)',
  facts: [
    negotiated('', undefined, 'No header: as it is'),
    negotiated('gzip', 'gzip'),
    negotiated('br', 'br'),
    negotiated('gzip, deflate, br', 'br'),
    negotiated('br;q=0, gzip', 'gzip'),
    negotiated('gzip;q=0', undefined),
    negotiated('gzip ; q=0.000', undefined),
    negotiated('br;q=0.5, gzip;q=1', 'gzip', 'The larger `q` wins: `br;q=0.5, gzip;q=1`'),
    negotiated('GZIP', 'gzip'),
    negotiated('gzipped, brotli', undefined),
    negotiated('identity', undefined),
    encoded('*', '`*`: compressed'),
    encoded('identity;q=0, *', '`identity;q=0, *`: compressed'),
    negotiated('*;q=0, gzip', 'gzip'),
    fact(
      '`Content-Length` is that of the compressed answer',
      site => [site.hashed(CSS), { 'Accept-Encoding': 'br' }],
      site => ({ headers: { 'content-length': `${site.bytes(site.hashed(CSS), '.br').length}` } }),
    ),
    varies('`Vary: Accept-Encoding` where there are siblings', { 'Accept-Encoding': 'br' }),
    varies('… of the file as it is, too', {}),
    fact(
      'No `Vary` where there are none',
      site => [site.hashed('img/photo.png'), { 'Accept-Encoding': 'br, gzip' }],
      site => ({
        headers: { vary: undefined, 'content-encoding': undefined },
        body: site.bytes(site.hashed('img/photo.png')),
      }),
    ),
    fact(
      'An archive is not said to be compressed',
      site => [site.hashed('archive.tar.gz'), { 'Accept-Encoding': 'gzip' }],
      site => ({
        headers: { 'content-encoding': undefined },
        body: site.bytes(site.hashed('archive.tar.gz')),
      }),
    ),
    fact(
      'A compressed answer has the type of its file',
      site => [site.hashed(CSS), { 'Accept-Encoding': 'br' }],
      () => ({ headers: { 'content-type': /^text\/css\b/ } }),
    ),
    fact(
      'Proxies get compressed answers, too',
      site => [site.hashed(CSS), { 'Accept-Encoding': 'gzip', Via: '1.1 proxy' }],
      () => ({ headers: { 'content-encoding': 'gzip' } }),
    ),
    fact(
      '… those of HTTP/1.0 too',
      site => [site.hashed(CSS), { 'Accept-Encoding': 'gzip' }, 'GET', '1.0'],
      () => ({ headers: { 'content-encoding': 'gzip' } }),
    ),
    ...['.gz', '.br'].map(suffix =>
      fact(
        `A sibling has no URL of its own: \`${suffix}\``,
        site => [`${site.hashed(CSS)}${suffix}`],
        () => ({ status: 404 }),
      ),
    ),
    fact(
      'An archive has',
      site => [site.hashed('archive.tar.gz')],
      site => ({ body: site.bytes(site.hashed('archive.tar.gz')) }),
    ),
  ],
}
