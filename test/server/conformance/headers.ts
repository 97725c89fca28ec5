import { type Fact, type FactGroup, fact } from './fact.ts'
import type { BuiltSite } from './site.ts'

const IMMUTABLE = /^(?=.*\bpublic\b)(?=.*\bimmutable\b)(?=.*\bmax-age=\d{8,}\b)/
const SHORT = /^(?!.*immutable)(?=.*\bmax-age=\d{1,4}\b)/

function cached(states: string, url: (site: BuiltSite) => string, control: RegExp): Fact {
  return fact(
    states,
    site => [url(site)],
    () => ({ headers: { 'cache-control': control } }),
  )
}

function missing(states: string, name: string): Fact {
  return fact(
    states,
    site => [site.plain(name)],
    () => ({ status: 404, headers: { 'cache-control': /\bno-store\b/ } }),
  )
}

/** Bundles' maps have their hash before `.js.map`. */
const mapOf = (site: BuiltSite) => `${site.hashed('js/main.ts')}.map`

export const CACHING: FactGroup = {
  title: '`Cache-Control`',
  facts: [
    cached('A hashed name is kept for good: `immutable`', site => site.hashed('css/site.css'), IMMUTABLE),
    cached('… of a bundle', site => site.hashed('js/main.ts'), IMMUTABLE),
    cached("… of a bundle's source map", mapOf, IMMUTABLE),
    cached('… without an extension', site => site.hashed('LICENSE'), IMMUTABLE),
    cached('… of an archive', site => site.hashed('archive.tar.gz'), IMMUTABLE),
    cached('… of an older release', site => site.plain('css/site.cafe00cafe00.css'), IMMUTABLE),
    cached('A name without a hash is kept for a while', site => site.plain('css/site.css'), SHORT),
    cached('… one that only looks like one, too', site => site.plain('js/lib.0123456789ab.js'), SHORT),
    missing('A 404 is not kept: `no-store`', 'css/nothing.css'),
    missing('… of a hashed name that is gone', 'css/site.dead00dead00.css'),
  ],
}

function typed(name: string, type: RegExp, states: string): Fact {
  return fact(
    states,
    site => [site.plain(name)],
    () => ({ headers: { 'content-type': type } }),
  )
}

const script = /^(?:text|application)\/javascript\b/

export const TYPES: FactGroup = {
  title: 'Types and other headers',
  facts: [
    typed('css/site.css', /^text\/css; ?charset="?utf-8"?$/i, '`.css`, with its charset'),
    typed('docs/index.html', /^text\/html; ?charset="?utf-8"?$/i, '`.html`, with its charset'),
    typed('js/module.mjs', script, '`.mjs` is a script'),
    fact(
      '`.js`, with its charset',
      site => [site.hashed('js/main.ts')],
      () => ({ headers: { 'content-type': /^(?:text|application)\/javascript; ?charset="?utf-8"?$/i } }),
    ),
    fact(
      '`.map` is JSON',
      site => [mapOf(site)],
      () => ({ headers: { 'content-type': /^application\/json\b/ } }),
    ),
    typed('wasm/code.wasm', /^application\/wasm$/, '`.wasm`'),
    typed('fonts/text.woff2', /^font\/woff2$/, '`.woff2`'),
    typed('site.webmanifest', /^application\/manifest\+json\b/, '`.webmanifest`'),
    typed('img/photo.avif', /^image\/avif$/, '`.avif`'),
    typed('img/logo.svg', /^image\/svg\+xml\b/, '`.svg`'),
    typed('img/favicon.ico', /^image\/(?:x-icon|vnd\.microsoft\.icon)$/, '`.ico`'),
    typed('archive.tar.gz', /^application\/(?:x-)?gzip$/, '`.tar.gz`'),
    typed('LICENSE', /^(?:application\/octet-stream|text\/plain\b.*)$/, 'No extension: bytes, or plain text'),
    ...['css/site.css', 'js/main.js', 'fonts/text.woff2'].map(name =>
      fact(
        `Pages of other origins may use \`${name.slice(name.lastIndexOf('.'))}\``,
        site => [site.hashed(name)],
        () => ({ headers: { 'access-control-allow-origin': '*' } }),
      ),
    ),
    fact(
      '`nosniff`',
      site => [site.hashed('css/site.css')],
      () => ({ headers: { 'x-content-type-options': 'nosniff' } }),
    ),
  ],
}
