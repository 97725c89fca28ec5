import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cssReferences, cssString, hasCssReferences } from '../../src/references/css.ts'
import { urlText } from '../../src/references/form.ts'

/** `img/a.png?x` → `img/a.h.png?x`. */
const hashed = (url: string) => url.replace(/(\.\w+)(?=[?#]|$)/, '.h$1')

describe('a rewritten stylesheet', () => {
  it.each([
    // As Django writes them.
    ['a{b:url(img/a.png)}', 'a{b:url("img/a.h.png")}'],
    [`a{b:url('img/a.png')}`, 'a{b:url("img/a.h.png")}'],
    ['a{b:URL("img/a.png")}', 'a{b:url("img/a.h.png")}'],
    ['a{b:url(a.png);c:url(b.png) 1px}', 'a{b:url("a.h.png");c:url("b.h.png") 1px}'],
    ['@import "x.css" screen;', '@import url("x.h.css") screen;'],
    [`@IMPORT 'x.css';`, '@IMPORT url("x.h.css");'],
    ['@import url(x.css) layer(a);', '@import url("x.h.css") layer(a);'],
    ['a{}\n/*# sourceMappingURL=a.css.map */\n', 'a{}\n/*# sourceMappingURL=a.css.h.map */\n'],
    ['@font-face{src:url(a.eot?#iefix)}', '@font-face{src:url("a.h.eot?#iefix")}'],
    ['a{--x:url(a.png)}', 'a{--x:url("a.h.png")}'],
    // Where Django fails or sees nothing.
    [`a{b:url( 'a.png' )}`, 'a{b:url("a.h.png")}'],
    ['a{b:url(  a.png\n)}', 'a{b:url("a.h.png")}'],
    ['a{b:url(" a.png ")}', 'a{b:url("a.h.png")}'],
    ['a{b:u\\72l(a.png)}', 'a{b:url("a.h.png")}'],
    ['@import"x.css";', '@import url("x.h.css");'],
    ['@import"x.css"screen;', '@import url("x.h.css")screen;'],
    ['@import/*"y.css"*/"x.css";', '@import/*"y.css"*/url("x.h.css");'],
    ['@import /* c */ "x.css";', '@import /* c */ url("x.h.css");'],
    ['@import src("x.css") print;', '@import src("x.h.css") print;'],
    [
      '@import url("x.css" crossorigin(anonymous)) print;',
      '@import url("x.h.css" crossorigin(anonymous)) print;',
    ],
    [
      '@import url(x.css) layer(a) supports(display:grid) screen; b{c:url(a.png)}',
      '@import url("x.h.css") layer(a) supports(display:grid) screen; b{c:url("a.h.png")}',
    ],
    [
      '@import "x.css" supports(background:url(y.png) "z.css");',
      '@import url("x.h.css") supports(background:url(y.png) "z.css");',
    ],
    ['@import "x.css"', '@import url("x.h.css")'],
    ['a{b:image-set("a.png" 1x, url(b.png) 2x)}', 'a{b:image-set("a.h.png" 1x, url("b.h.png") 2x)}'],
    [`a{b:-WEBKIT-image-set('a.png' 1x)}`, `a{b:-WEBKIT-image-set('a.h.png' 1x)}`],
    [
      'a{b:image-set("a.avif" type("image/avif"), "a.png" type("image/png"))}',
      'a{b:image-set("a.h.avif" type("image/avif"), "a.h.png" type("image/png"))}',
    ],
    [
      'a{b:image-set(image-set("a.png" 1x) 1x, "b.png" 2x)}',
      'a{b:image-set(image-set("a.h.png" 1x) 1x, "b.h.png" 2x)}',
    ],
    ['a{b:src("a.png")}', 'a{b:src("a.h.png")}'],
    ['a{b:image-set(src("a.png") 1x)}', 'a{b:image-set(src("a.h.png") 1x)}'],
    ['a{b:url("a.png" crossorigin(anonymous))}', 'a{b:url("a.h.png" crossorigin(anonymous))}'],
    [`a{b:url('a.png' integrity("sha384-x"))}`, `a{b:url('a.h.png' integrity("sha384-x"))}`],
    ['a{b:url("a.png" /* c */)}', 'a{b:url("a.h.png" /* c */)}'],
    ['a{b:url(a\\ b.png)}', 'a{b:url("a b.h.png")}'],
    ['a{b:url("a\\22 b.png")}', 'a{b:url("a\\"b.h.png")}'],
    ['a{b:url("a\\\\b.png")}', 'a{b:url("a\\\\b.h.png")}'],
    ['a{b:url("a\\a b.png")}', 'a{b:url("a\\a b.h.png")}'],
    ['a{b:url("a\\\r\nb.png")}', 'a{b:url("ab.h.png")}'],
    ["a{b:url(it\\'s.png)}", `a{b:url("it's.h.png")}`],
    ['a{}\r\n  /*# sourceMappingURL=a.map*/  \r\n', 'a{}\r\n  /*# sourceMappingURL=a.h.map */  \r\n'],
    ['a{b:url(a.png', 'a{b:url("a.h.png")'],
    ['a{b:url("a.png', 'a{b:url("a.h.png")'],
    ['a{b:image-set("a.png', 'a{b:image-set("a.h.png"'],
    ['a{b:url(x{y.png)} @import "x.css";', 'a{b:url("x{y.h.png")} @import url("x.h.css");'],
    // Brackets that do not match.
    ['a{b:c)} @import "x.css"; ]}', 'a{b:c)} @import url("x.h.css"); ]}'],
    ['@import"a.css"}b{c:d} e{f:url(a.png)}', '@import url("a.h.css")}b{c:d} e{f:url("a.h.png")}'],
    ['\uFEFF@import "x.css";\r\n', '\uFEFF@import url("x.h.css");\r\n'],
    ['/*😀*/a{b:url(😀.png) "😀"}\r\n', '/*😀*/a{b:url("😀.h.png") "😀"}\r\n'],
    ['<!-- a{b:url(a.png)} -->', '<!-- a{b:url("a.h.png")} -->'],
  ])('%j becomes %j', (css, expected) => {
    expect(rewrite(css, hashed)).toBe(expected)
    expect(hasCssReferences(css) || css.includes('\\72')).toBe(true)
  })

  it.each([
    ['a comment', '/* url(a.png) @import "x.css" */'],
    ['a string', `a{content:"url(a.png)"} b{content:'@import "x.css"'}`],
    ['another function', 'a{b:my-url(a.png) image("x.png") foo("y.png")}'],
    ['@namespace', '@namespace url(http://x);@namespace "y";@namespace p url(z);'],
    ['@document', '@document url(x),domain(y){a{b:c}} @-moz-document url-prefix("x"),url("y"){a{b:c}}'],
    ['@supports', '@supports (background:url(x.png)) and (b:image-set("y.png" 1x)){a{b:c}}'],
    ['a variable', 'a{b:url(var(--x)) src(var(--x)) image-set(var(--x) 1x)}'],
    [
      'template braces',
      `a{b:url({{ x }}) url({{x}}) url("{{ x }}") url($\{x}) url(<%= x %>) url("<%= x %>")}`,
    ],
    ['a template tag', `a{b:url({% static 'x.png' %}) url("{% static "x.png" %}") url('{% static "x" %}')}`],
    ['no URL', `a{b:url() url( ) url("") url(' ') src("") url(`],
    ['data', 'a{b:url(data:image/png;base64,AA==) url("DATA:,x")}'],
    ['a bad string', 'a{b:url("a.png\n)} c{d:url(a"b)}'],
    ['@charset and other at-rules', '@charset "utf-8";@layer "x";@foo "x.css";'],
    [
      'the filter of Internet Explorer',
      "a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='x.png')}",
    ],
    [
      'a legacy or unfinished source map comment',
      '/*@ sourceMappingURL=x.map */ /*# sourcemappingurl=x */ /*# sourceMappingURL=x',
    ],
    ['an import without a URL', '@import x "y.css"; @import; @import foo("y.css");'],
    ['@import {}', '@import {} "y.css";'],
  ])('leaves %s alone', (_, css) => {
    expect(cssReferences(css)).toEqual([])
  })

  it('tells URLs from strings and source maps', () => {
    const css = '@import "a";b{c:url(d) image-set("e" 1x) url("f" g())}/*# sourceMappingURL=h */'
    const kinds = cssReferences(css).map(({ kind, url }) => `${kind} ${url}`)
    expect(kinds).toEqual(['url a', 'url d', 'string e', 'url f', 'source-map h'])
  })

  it('keeps a `data:` source map as a reference: it is one for whoever minifies', () => {
    expect(cssReferences('/*# sourceMappingURL=data:application/json,{} */')).toHaveLength(1)
  })

  it('escapes what would end the string', () => {
    const [reference] = cssReferences('a{b:url(x)}')
    expect(urlText(reference!, 'a"b\\c\nd)\u{1F600}')).toBe('url("a\\"b\\\\c\\a d)\u{1F600}")')
    expect(cssString(`it's "x"`, "'")).toBe(`'it\\'s "x"'`)
  })
})

describe('hasCssReferences', () => {
  it.each([
    '@IMPORT "x"',
    'a{b:URL(x)}',
    'a{b:-webkit-image-set("x" 1x)}',
    'a{b:src("x")}',
    '/*# sourceMappingURL=x */',
  ])('sees %j', css => expect(hasCssReferences(css)).toBe(true))

  it('sees nothing in a stylesheet without URLs', () => {
    expect(hasCssReferences('a{color:red} /* see the source and its image */')).toBe(false)
  })
})

const URL_TEXT = fc
  .array(
    fc.constantFrom(
      'a',
      'é',
      '😀',
      '/',
      '.',
      '-',
      ' ',
      '"',
      "'",
      '(',
      ')',
      '\\',
      '\n',
      '\r',
      '\f',
      '%20',
      '?',
      '#',
      '*',
      '}',
      ',',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map(parts => `x${parts.join('')}x`)

const FILLER = fc.constantFrom(
  '\r\n',
  '/*😀 url(no) */',
  '\uFEFF',
  ' .a:b[c="url(no)"] ',
  `.z{content:'@import "no"'}`,
  '.é{}',
  '@media x{.y{z:w}}',
  '@namespace "no";',
  '@supports (b:url(no)){}',
  '/*\r\n*/',
  '.i{j:my-url(no) url() url(var(--no))}',
  '@charset "no";',
)

const quoted = (url: string) => fc.constantFrom('"', "'").map(quote => cssString(url, quote))

/** A fragment with one reference: its URL, and how the text around it starts and ends. */
const FRAGMENT = URL_TEXT.chain(url =>
  quoted(url).chain(string =>
    fc
      .constantFrom(
        ['@import ', string, ' screen;'],
        ['@import', string, ';'],
        ['@import/**/', `url(${string})`, ' layer(x);'],
        ['.a{b:', `url( ${string}\r\n)`, '}'],
        ['.a{--b:', `URL(${string})`, '}'],
        ['.a{b:image-set(', string, ' 1x type("no"))}'],
        ['.a{b:src(', string, ')}'],
        ['.a{b:url(', string, ' no("no"))}'],
      )
      .map(parts => ({ url, parts })),
  ),
)

describe('in any stylesheet', () => {
  const sheets = fc.array(
    fc.oneof(
      FILLER.map(text => ({ url: undefined, parts: [text] })),
      FRAGMENT,
    ),
    { maxLength: 12 },
  )

  it('the spans are exact, and only they change', () => {
    fc.assert(
      fc.property(sheets, fragments => {
        const css = fragments.flatMap(({ parts }) => parts).join('')
        const references = cssReferences(css)
        const expected = fragments.flatMap(({ url, parts }) =>
          url === undefined ? [] : [{ url, text: parts[1] }],
        )
        expect(references.map(({ url, start, end }) => ({ url, text: css.slice(start, end) }))).toEqual(
          expected,
        )
        const outside = (text: string, spans: readonly { start: number; end: number }[]) =>
          spans.reduceRight((rest, { start, end }) => `${rest.slice(0, start)}|${rest.slice(end)}`, text)
        const parts = fragments.map(({ url, parts }) =>
          url === undefined ? parts[0] : `${parts[0]}|${parts[2]}`,
        )
        expect(outside(css, references)).toBe(parts.join(''))
      }),
      { numRuns: 1000 },
    )
  })

  it('the rewritten text refers to what was written', () => {
    fc.assert(
      fc.property(sheets, fc.array(URL_TEXT, { minLength: 1 }), (fragments, targets) => {
        const css = fragments.flatMap(({ parts }) => parts).join('')
        let written = 0
        const rewritten = rewrite(css, () => targets[written++ % targets.length]!)
        const urls = cssReferences(rewritten).map(({ url }) => url)
        expect(urls.toReversed()).toEqual(urls.map((_, index) => targets[index % targets.length]))
      }),
      { numRuns: 1000 },
    )
  })

  it('the spans are in order and inside, whatever the text', () => {
    const bits = fc.constantFrom(
      'url(',
      'image-set(',
      '"',
      "'",
      ')',
      '(',
      '{',
      '}',
      '\\',
      '@import',
      'a',
      ' ',
      '\r\n',
      '/*',
      '*/',
      ';',
      '😀',
      '\0',
      '\uD800',
    )
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), parts => {
        const css = parts.join('')
        let end = 0
        for (const reference of cssReferences(css)) {
          expect(reference.start).toBeGreaterThanOrEqual(end)
          end = reference.end
        }
        expect(end).toBeLessThanOrEqual(css.length)
      }),
      { numRuns: 2000 },
    )
  })
})

/** Writes the references from the last to the first, so that offsets stay right. */
function rewrite(css: string, urlOf: (url: string) => string): string {
  return cssReferences(css).reduceRight(
    (text, reference) =>
      text.slice(0, reference.start) + urlText(reference, urlOf(reference.url)) + text.slice(reference.end),
    css,
  )
}
