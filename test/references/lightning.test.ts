import fc from 'fast-check'
import { transform, type UrlDependency } from 'lightningcss'
import { describe, expect, it } from 'vitest'
import { cssReferences } from '../../src/references/css.ts'
import { urlText } from '../../src/references/form.ts'
import { lightningTemplate } from '../../src/references/lightning.ts'

const hashed = (url: string) => url.replace(/(\.\w+)(?=[?#]|$)/, '.h$1')

describe('a template prints', () => {
  it.each([
    ['a { b: url(img/a.png) }', 'a{b:url("img/a.h.png")}'],
    ['@import "x.css" screen; a { b: c }', '@import "x.h.css" screen;a{b:c}'],
    [
      '@import url(x.css) layer(a) supports(background:url(y.png));',
      '@import "x.h.css" layer(a) supports(background:url(y.png));',
    ],
    ['a{b:url(a.png)} c{d:url(a.png)}', 'a{b:url("a.h.png")}c{d:url("a.h.png")}'],
    [
      'a{background:image-set("a.png" 1x,url(b.png) 2x)}',
      'a{background:image-set("a.h.png" 1x,"b.h.png" 2x)}',
    ],
    ['a{background:url(a.png);background:url(b.png)}', 'a{background:url("b.h.png")}'],
    ['a{--x:url(/static/a.png)}', 'a{--x:url("/static/a.h.png")}'],
    ['a{b:url(data:image/gif;base64,AA==)}', 'a{b:url("data:image/gif;base64,AA==")}'],
    ['a{b:url("data:image/svg+xml,<svg a=\\"b\\">")}', 'a{b:url("data:image/svg+xml,<svg a=\\"b\\">")}'],
    ['a{b:url(" a.png ")}', 'a{b:url("a.h.png")}'],
    ['a{b:url() url("a\\"\\a (b\\\\.png")}', 'a{b:url("") url("a\\"\\a (b\\\\.h.png")}'],
    ['@supports (b:url(x.png)){a{c:url(x.png)}}', '@supports (b:url(x.png)){a{c:url("x.h.png")}}'],
    ['@namespace url(http://x/);a{b:url(c.png)}', '@namespace "http://x/";a{b:url("c.h.png")}'],
    ['\uFEFF@import "x.css";a{b:"\u00e9"}', '\uFEFF@import "x.h.css";a{b:"\u00e9"}'],
    ['@charset "utf-8";a{b:url(x.png) "\u00e9"}', '@charset "utf-8";a{b:url("x.h.png") "\u00e9"}'],
    ['@charset "utf-8";a{b:url(x.png)}', 'a{b:url("x.h.png")}'],
    ['a{b:url(x.png)}@charset "UTF-8";', 'a{b:url("x.h.png")}'],
    [
      '@font-face{font-family:x;src:url(a.eot);src:url("a.eot?#iefix") format("eot")}',
      '@font-face{font-family:x;src:url("a.h.eot");src:url("a.h.eot?#iefix")format("eot")}',
    ],
    [
      '@media print{@-webkit-keyframes k{0%,to{b:url(a.png)}}}',
      '@media print{@-webkit-keyframes k{0%,to{b:url("a.h.png")}}}',
    ],
    [
      'a{filter:progid:DXImageTransform.X(src="a.png");b:url(a.png)}',
      'a{filter:progid:DXImageTransform.X(src="a.png");b:url("a.h.png")}',
    ],
    ['a{b:url(a.png)', 'a{b:url("a.h.png")}'],
  ])('%j as %j', (css, expected) => {
    expect(outcome(css)).toBe(expected)
  })

  it('the same from bytes', () => {
    const code = new TextEncoder().encode('a{b:url(é.png)}')
    expect(outcome(code)).toBe('a{b:url("é.h.png")}')
  })

  it('each browser what it reads', () => {
    const css = 'a{background:image-set("a.png" 1x)}'
    const template = lightningTemplate({
      name: 'a.css',
      code: css,
      references: cssReferences(css),
      targets: { chrome: 60 << 16 },
    })
    const printed = 'render' in template && template.render(hashed)
    expect(printed).toBe(
      'a{background:-webkit-image-set(url("a.h.png") 1x);background:image-set("a.h.png" 1x)}',
    )
  })

  it('other URLs each time it is rendered', () => {
    const css = 'a{b:url(x)}'
    const template = lightningTemplate({ name: 'a.css', code: css, references: cssReferences(css) })
    const render = 'render' in template ? template.render : () => ''
    expect([render(() => 'y'), render(() => 'z')]).toEqual(['a{b:url("y")}', 'a{b:url("z")}'])
  })
})

describe('a problem', () => {
  it.each([
    ['a{\n  *zoom:1;b:url(a.png)}', 'a.css:2:10: Unexpected token Semicolon'],
    ['\n }\n', 'a.css:3:1: Unexpected end of input'],
    [
      'a{b:c}\n@import "x";',
      'a.css:2:8: @import rules must precede all rules aside from @charset and @layer statements',
    ],
    ['\n@foo url(x);', 'a.css:2:5: Unknown at rule: @foo'],
    ['a:::b{} c:::d{}', 'a.css:1:5: Invalid token in pseudo element: Colon (and 1 more)'],
    ['a{b:url(var(--x))}', 'a.css:1:5: Unexpected token BadUrl("var(--x")'],
    ['a{\n --x:url(a.png)}', /^a\.css:2:6: Ambiguous url\('a\.png'\) in custom property/],
    ['a{b:url(x)}\n c{b:src("a.png")}', 'a.css:2:10: lightningcss misses a.png'],
    ['a{b:url(a.png);--x:image-set("a.png" 1x)}', 'a.css:1:30: lightningcss misses a.png'],
    ['a{cursor:image-set("a.png" 1x),auto}', 'a.css:1:20: lightningcss misses a.png'],
    ['a{b:url({{x}})}', 'a.css:1:9: {{x}} is not a reference that can be rewritten'],
    ['a{b:url(x)}@charset "latin1";', 'a.css:1:12: lightningcss drops this @charset'],
    ['@charset "utf-8" a{b:url(x)}', 'a.css:1:1: lightningcss drops this @charset'],
    [
      'a{b:c}\n@keyframes k{0%{*zoom:1;left:0}to{left:1px}}',
      'a.css:2:1: lightningcss drops a part of this @keyframes',
    ],
    ['@-o-keyframes k{frm{b:c}}', 'a.css:1:1: lightningcss drops a part of this @-o-keyframes'],
    ['@font-face{"x";src:url(x)}', 'a.css:1:1: lightningcss drops a part of this @font-face'],
    [
      '@font-face{src:url(x)}@font-face{[;src:url(y)}',
      'a.css:1:23: lightningcss drops a part of this @font-face',
    ],
  ])('%j: %s', (css, problem) => {
    expect(outcome(css)).toEqual({
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    })
  })

  it('a text that looks like the placeholder of a URL', () => {
    const analyse = { filename: 'a.css', minify: true, analyzeDependencies: true } as const
    const { dependencies } = transform({ ...analyse, code: Buffer.from('a{b:url(a.png)}') })
    const [{ placeholder }] = dependencies as [UrlDependency]
    expect(outcome(`a{b:url(a.png);content:"${placeholder}"}`)).toEqual({
      problem: 'a.css:1:5: a.png cannot be told from other text',
    })
  })

  it('bytes that are not UTF-8', () => {
    expect(outcome(new Uint8Array([0x61, 0xe9]))).toEqual({ problem: 'a.css: it is not UTF-8' })
  })
})

it('a stylesheet with a source map is preserved without a problem', () => {
  expect(outcome('a{b:url(x)} /*# sourceMappingURL=a.css.map */')).toEqual({
    preserve: 'its source map would not fit',
  })
})

describe('no reference is lost without a problem', () => {
  const damages = [
    '*zoom:1',
    '_h:1px',
    'color:red!ie',
    'w:1px\\9',
    'color:',
    'color',
    'color red',
    '@foo',
    '{x:y}',
    '}',
    '!x',
    '"a\nb"',
    'url(a"b)',
    '&:::x{a:b}',
    'b{c:d}',
    '$x:1',
    '--x',
    '@include foo',
    '@media{}',
    'x:expression(y)',
    '<!--',
    '//c',
    '[',
    '(',
    ')',
    ']',
    '#x',
    '+z',
    'color:rgb(1,2',
    'x:y;;;',
    '@import "q"',
    '@charset "x"',
    '!important',
    '\0',
    ':hover',
    '"',
    '@charset [',
  ]
  it.each([
    'a{%;b:url(M.png)}z{y:x}',
    'a{b:url(M.png);%}z{y:x}',
    'a{b{%;c:url(M.png)}d:e}',
    'a %,b{c:url(M.png)}',
    ':is(%,a){c:url(M.png)}',
    'a{b:% url(M.png) %}',
    '% a{b:url(M.png)}',
    '@font-face{font-family:f;%;src:url(M.png)}',
    '@font-face{src:url(M.png);%}',
    '@keyframes k{from{%;b:url(M.png)}}',
    '@keyframes k{% from{b:url(M.png)}}',
    '@keyframes k{from{b:c}%}a{b:url(M.png)}',
    '@page{%;b:url(M.png)}',
    '@page{@top-left{%;content:url(M.png)}}',
    '@media print{% a{b:url(M.png)}}',
    '@media %{a{b:url(M.png)}}',
    '@supports %{a{b:url(M.png)}}',
    '@container %{a{b:url(M.png)}}',
    '@layer %{a{b:url(M.png)}}',
    '@scope(%){a{b:url(M.png)}}',
    '@starting-style{%;a{b:url(M.png)}}',
    '@import "M.png" %;',
    '@property --x{%;syntax:"*";inherits:false;initial-value:url(M.png)}',
    '@counter-style x{%;symbols:url(M.png)}',
    '@position-try --x{%;b:url(M.png)}',
    '@font-feature-values f{% @styleset{x:1}}a{b:url(M.png)}',
    '@font-palette-values --f{%;font-family:f}a{b:url(M.png)}',
    '@view-transition{%;navigation:auto}a{b:url(M.png)}',
    '@namespace %;a{b:url(M.png)}',
    '@charset %;a{b:url(M.png)}',
  ])('whatever stands at %j', context => {
    const lost = damages
      .map(damage => context.replaceAll('%', damage))
      .filter(css => cssReferences(css).some(({ url }) => url === 'M.png'))
      .filter(css => {
        const result = outcome(css)
        return typeof result === 'string' && !result.includes('M.h.png')
      })
    expect(lost).toEqual([])
  })
})

it('what is rendered refers to what was asked for, whatever the URLs', () => {
  const part = fc.constantFrom(
    'a',
    'é',
    '😀',
    '/',
    '.',
    ' ',
    '"',
    "'",
    '(',
    ')',
    '\\',
    '\n',
    '%20',
    '?',
    '#',
    ';',
    '}',
    '/*',
  )
  const url = fc.array(part, { maxLength: 8 }).map(parts => `x${parts.join('')}x`)
  fc.assert(
    fc.property(fc.array(url, { minLength: 1, maxLength: 5 }), url, (urls, suffix) => {
      const css = urls
        .map((url, index) => `.c${index}{b:${urlText(cssReferences('a{b:url(x)}')[0]!, url)}}`)
        .join('')
      const printed = outcome(css, url => url + suffix)
      expect(cssReferences(String(printed)).map(({ url }) => url)).toEqual(
        urls.filter((url, index) => url !== urls[index - 1]).map(url => url + suffix),
      )
    }),
    { numRuns: 300 },
  )
})

function outcome(code: string | Uint8Array, urlOf: (url: string) => string = hashed) {
  const references = cssReferences(typeof code === 'string' ? code : new TextDecoder().decode(code))
  const result = lightningTemplate({ name: 'a.css', code, references })
  return 'render' in result ? result.render(urlOf) : result
}
