import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reference } from '../../src/references/reference.ts'
import { resolveReference, urlOf } from '../../src/references/resolve.ts'

const FROM = 'app/css/site.css'

describe('a reference in app/css/site.css', () => {
  it.each([
    ['a.png', 'app/css/a.png', 'a.H.png'],
    ['./a.png', 'app/css/a.png', './a.H.png'],
    ['../img/a.png', 'app/img/a.png', '../img/a.H.png'],
    ['./../img/./a.png', 'app/img/a.png', './../img/./a.H.png'],
    ['../img/../css/a.png', 'app/css/a.png', '../img/../css/a.H.png'],
    ['../..//img//a.png', 'img/a.png', '../..//img//a.H.png'],
    [' a.png\n', 'app/css/a.png', 'a.H.png'],
    ['LICENSE', 'app/css/LICENSE', 'LICENSE.H'],
    ['a.tar.gz', 'app/css/a.tar.gz', 'a.tar.H.gz'],
  ])('%j names %s and becomes %j', (url, name, written) => {
    expect(resolve(url)).toEqual({ name, written })
  })

  it.each([
    ['a.png?v=1', 'a.H.png?v=1'],
    ['a.svg#icon', 'a.H.svg#icon'],
    ['a.eot?#iefix', 'a.H.eot?#iefix'],
    ['a.eot?v=1#iefix', 'a.H.eot?v=1#iefix'],
    ['a.svg#a?b', 'a.H.svg#a?b'],
    ['a.png?', 'a.H.png'],
    ['a.png#', 'a.H.png'],
    ['a.png?#', 'a.H.png'],
    ['a.png?v=1#', 'a.H.png?v=1'],
    ['a.png?static=/x/', 'a.H.png?static=/x/'],
  ])('keeps the query and the fragment of %j: %j', (url, written) => {
    expect(resolve(url)?.written).toBe(written)
  })

  it.each([
    ['/static/app/img/a.png', 'app/img/a.png', '../img/a.H.png'],
    ['/static/app/css/a.png', 'app/css/a.png', 'a.H.png'],
    ['/static/app/css/deep/a.png', 'app/css/deep/a.png', 'deep/a.H.png'],
    ['/static/a.png?v#f', 'a.png', '../../a.H.png?v#f'],
    ['/static/other/css/a.png', 'other/css/a.png', '../../other/css/a.H.png'],
    ['/static//app/./a.png', 'app/a.png', '../a.H.png'],
  ])('%j starts with the static URL, and becomes relative', (url, name, written) => {
    expect(resolve(url)).toEqual({ name, written })
  })

  it.each([
    ['another scheme', ['http://x/a.png', 'HTTPS://x/a', 'data:,x', 'Data:,x', 'blob:x', 'about:blank']],
    ['another host', ['//cdn/a.png', '//static/a.png']],
    ['a path outside the static URL', ['/a.png', '/staticfiles/a.png', '/media/static/a.png', '/static']],
    ['a folder', ['img/', './', '../', '/static/', '/static/img/?x', 'img/#x']],
    ['no path', ['', ' ', '#x', '?x', '#default#VML']],
  ])('is left alone where it is %s', (_, urls) => {
    for (const url of urls) expect(resolve(url), url).toBeUndefined()
  })

  it.each(['../../../a.png', '/static/../a.png', '%2e%2e/../../a.png'])(
    '%j leads out of the static root and has no name',
    url => expect(resolve(url)?.name).toBeUndefined(),
  )

  it.each([
    ['a%20b.png', 'app/css/a b.png', 'a b.H.png'],
    ['caf%C3%A9.png', 'app/css/café.png', 'café.H.png'],
    ['café.png', 'app/css/café.png', 'café.H.png'],
    ['cafe\u0301.png', 'app/css/cafe\u0301.png', 'cafe\u0301.H.png'],
    ['日本/%E8%AA%9E.png', 'app/css/日本/語.png', '日本/語.H.png'],
    ['100%25.png', 'app/css/100%.png', '100%25.H.png'],
    ['100%.png', 'app/css/100%.png', '100%25.H.png'],
    ['100%%20a.png', 'app/css/100% a.png', '100%25 a.H.png'],
    ['c%23.png', 'app/css/c#.png', 'c%23.H.png'],
    ['c%23/d%3F.png?x', 'app/css/c#/d?.png', 'c%23/d%3F.H.png?x'],
    ['a%5Cb.png', 'app/css/a\\b.png', 'a%5Cb.H.png'],
    ['a%0Ab.png', 'app/css/a\nb.png', 'a%0Ab.H.png'],
    ['a%3Ab.png', 'app/css/a:b.png', './a:b.H.png'],
    ['/static/app/css/a:b.png', 'app/css/a:b.png', './a:b.H.png'],
    ['/static/app/a:b.png', 'app/a:b.png', '../a:b.H.png'],
  ])('%j stands for the file %j, and is written as %j', (url, name, written) => {
    expect(resolve(url)).toEqual({ name, written })
  })

  it('percent-encodes blanks for a source map comment, which ends at one', () => {
    expect(resolve('a%20b.map', { kind: 'source-map' })?.written).toBe('a%20b.H.map')
  })

  it('starts with a dot where it is a module', () => {
    expect(resolve('/static/app/css/x.js', { kind: 'module' })?.written).toBe('./x.H.js')
    expect(resolve('/static/app/css/a:x.js', { kind: 'module' })?.written).toBe('./a:x.H.js')
    expect(resolve('/static/x.js', { kind: 'module' })?.written).toBe('../../x.H.js')
    expect(resolve('/static/.x/y.js', { kind: 'module', from: 'a.js' })?.written).toBe('./.x/y.H.js')
  })
})

it('a reference in the static root resolves there', () => {
  expect(resolve('/static/a.png', { from: 'site.css' })).toEqual({ name: 'a.png', written: 'a.H.png' })
  expect(resolve('../a.png', { from: 'site.css' })?.name).toBeUndefined()
})

it('a reference to another host is left alone where the static URL is the root of this one', () => {
  expect(resolve('//cdn/a.png', { staticPath: '/' })).toBeUndefined()
  expect(resolve('/cdn/a.png', { staticPath: '/' })?.name).toBe('cdn/a.png')
})

it('whatever the names, what is written leads a browser to the hashed name', () => {
  const segment = fc
    .string({ unit: fc.constantFrom(...'aé語.%?#: \\&+"\'()'), minLength: 1, maxLength: 6 })
    .filter(text => !/^\.+$/u.test(text))
  const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map(segments => segments.join('/'))
  const kind = fc.constantFrom('url' as const, 'module' as const, 'source-map' as const)
  fc.assert(
    fc.property(name, name, kind, fc.boolean(), (from, to, kind, absolute) => {
      const url = absolute ? `/static/${encodePath(to)}` : '../'.repeat(depth(from)) + encodePath(to)
      const resolved = resolve(url, { from, kind })!
      expect(resolved.name).toBe(to)
      const base = new URL(`/static/${encodePath(from)}`, 'http://host')
      const { pathname } = new URL(resolved.written, base)
      expect(decodeURIComponent(pathname)).toBe(`/static/${hashed(to)}`)
    }),
    { numRuns: 2000 },
  )
})

function resolve(
  url: string,
  { kind = 'url' as Reference['kind'], from = FROM, staticPath = '/static/' } = {},
) {
  const reference: Reference = { kind, url, start: 0, end: url.length, form: { escapes: 'none' } }
  const resolved = resolveReference(reference, from, staticPath)
  return (
    resolved && { name: resolved.name, written: urlOf(resolved, from, { name: hashed(resolved.name ?? '') }) }
  )
}

/** The hash is `H`. */
function hashed(name: string): string {
  const [, stem = '', extension = ''] = /^(.*?)(\.[^./]*)?$/su.exec(name) ?? []
  return /(?:^|\/)\.*$/u.test(stem) ? `${name}.H` : `${stem}.H${extension}`
}

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}

function depth(name: string): number {
  return name.split('/').length - 1
}
