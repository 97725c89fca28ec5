// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are scripts
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import MagicString from 'magic-string'
import { parseAst } from 'rollup/parseAst'
import { describe, expect, it } from 'vitest'
import { urlText } from '../../src/references/form.ts'
import { hasJsReferences, jsReferences } from '../../src/references/js.ts'

describe('hasJsReferences', () => {
  it.each([
    ['a source-map comment', '//# sourceMappingURL=x.map', true, true],
    ['an import', 'import "./x.js"', false, true],
    ['a dynamic import', 'load(import("./x.js"))', false, true],
    ['a re-export', 'export*from"./x.js"', false, true],
    ['an export of its own', 'export const a = 1', false, false],
    ['a word that holds a keyword', 'important(transport)', false, false],
    ['nothing', 'alert(1)', false, false],
  ])('for %s', (_what, text, withoutModules, withModules) => {
    expect(hasJsReferences(text, false)).toBe(withoutModules)
    expect(hasJsReferences(text, true)).toBe(withModules)
  })
})

describe('specifiers that start with ./, ../ or / are references', () => {
  it.each([
    [`import a from './x.js'`, ['./x.js']],
    [`import { a as b, c } from "../x.js"`, ['../x.js']],
    [`import a, * as b from '/static/x.js'`, ['/static/x.js']],
    [`import './x.css'`, ['./x.css']],
    [`import/**/'./x.js'`, ['./x.js']],
    [`import data from './x.json' with { type: 'json' }`, ['./x.json']],
    [`import data from './x.json' assert { type: 'json' }`, ['./x.json']],
    [`import{a}from'./x.js';import*as b from'./y.js'`, ['./x.js', './y.js']],
    [`import source x from './x.wasm'`, ['./x.wasm']],
    [`import defer * as x from './x.js'`, ['./x.js']],
    [`export { a, b as default } from './x.js'`, ['./x.js']],
    [`export * from './x.js'`, ['./x.js']],
    [`export*from"./x.js"`, ['./x.js']],
    [`export * as "a b" from './x.js'`, ['./x.js']],
    [`import('./x.js')`, ['./x.js']],
    [`import ( './x.js' )`, ['./x.js']],
    [`import(/* webpackChunkName: "a" */ './x.js')`, ['./x.js']],
    [`import(/* @vite-ignore */ './x.js' // why\n)`, ['./x.js']],
    [`import('./x.json', { with: { type: 'json' } })`, ['./x.json']],
    [`import('./x.js',)`, ['./x.js']],
    ['import(`./x.js`)', ['./x.js']],
    [`import.source('./x.wasm')`, ['./x.wasm']],
    [`import.defer('./x.js')`, ['./x.js']],
    ['`${await import("./x.js")}`', ['./x.js']],
    [`import.meta.resolve('./x.js')`, ['./x.js']],
    [`import /* a */ . meta // b\n . resolve ( "./x.js" , )`, ['./x.js']],
    [`const quote = /"/; import './x.js'`, ['./x.js']],
    [`if (a) /'/.test(b); import('./x.js')`, ['./x.js']],
    [`a = b / c; import('./x.js') / 2; "/"`, ['./x.js']],
    [`import './x.js?v=1#a'`, ['./x.js?v=1#a']],
  ])('%s', (text, urls) => {
    expect(urlsIn(text)).toEqual(urls)
    expect(kindsIn(text)).toEqual(urls.map(() => 'module'))
  })
})

describe('other specifiers are left alone', () => {
  it.each([
    `import 'vue'`,
    `import '#internal/x.js'`,
    `import 'x.js'`,
    `import '.'`,
    `import '//cdn.example/x.js'`,
    `import 'https://cdn.example/x.js'`,
    `import 'data:text/javascript,1'`,
    `export*from"x"`,
    'import(`./${name}.js`)',
    `import('./x' + '.js')`,
    `import(('./x.js'))`,
    `import('./x.js'.trim())`,
    'import(tag`./x.js`)',
    `import(name)`,
    `import.meta.resolve('vue')`,
    `import.meta.resolve('./x' + '.js')`,
    `import.meta.resolver('./x.js')`,
    `import.meta.env.resolve('./x.js')`,
    `loader.import('./x.js')`,
    `class Loader { import(name) { return './x.js' } }`,
    `// import './x.js'`,
    `/* import './x.js' */`,
    `"import './x.js'"`,
    "`import './x.js'`",
    `/import '.\\/x.js'/.test(a)`,
    `import.meta.url`,
  ])('%s', text => {
    expect(jsReferences(text, true)).toEqual({ references: [] })
  })
})

describe('new URL(…, import.meta.url) names a file', () => {
  it.each([
    [`new URL('./x.wasm', import.meta.url)`, './x.wasm'],
    [`new URL("x.wasm",import.meta.url)`, 'x.wasm'],
    ['new URL(`x.wasm`, import.meta.url)', 'x.wasm'],
    [`new Worker(new URL('./w.js', import.meta.url), { type: 'module' })`, './w.js'],
    [`new SharedWorker(new URL('./w.js', import.meta.url))`, './w.js'],
    [`navigator.serviceWorker.register(new URL('/sw.js', import.meta.url))`, '/sw.js'],
    [`new/* a */URL\n(// b\n'x.wasm' /* c **/ ,\n import . meta . url ,\n)`, 'x.wasm'],
    [`new URL('x.wasm', import.meta.url).href`, 'x.wasm'],
    ['`${new URL("x.wasm", import.meta.url)}`', 'x.wasm'],
    [`[...new URL('x.wasm', import.meta.url)]`, 'x.wasm'],
    [`new URL('it\\'s.wasm', import.meta.url)`, `it's.wasm`],
    [`new URL('data:,', import.meta.url)`, 'data:,'],
  ])('%s', (text, url) => {
    expect(urlsIn(text)).toEqual([url])
    expect(kindsIn(text)).toEqual(['url'])
  })

  it.each([
    `new URL('a' + b, import.meta.url)`,
    `new URL(a || 'b', import.meta.url)`,
    'new URL(`a${b}`, import.meta.url)',
    `new URL('a', import.meta.url + b)`,
    `new URL('a', import.meta.urls)`,
    `new URL('a', import.meta.url, b)`,
    `new URL('a', import.meta)`,
    `new URL('a', document.baseURI); import.meta.url`,
    `new URL('a' /* b */ c /* d */, import.meta.url)`,
    `URL('a', import.meta.url)`,
    `renew URL('a', import.meta.url)`,
    `loader.new\nURL('a', import.meta.url)`,
    `newURL('a', import.meta.url)`,
    `// new URL('a', import.meta.url)\nimport.meta.url`,
    `// new URL('a',\nimport.meta.url)`,
    `"new URL('a', import.meta.url)" + import.meta.url`,
    "`new URL('a', import.meta.url)` + import.meta.url",
    `f('new URL("' //"\n, import.meta.url)`,
    `new URL('\\u{bad', import.meta.url)`,
  ])('%s is left alone', text => {
    expect(jsReferences(text, true).references).toEqual([])
  })
})

describe('source-map comments', () => {
  it.each([
    ['at the end', 'a()\n//# sourceMappingURL=x.js.map', 'x.js.map'],
    ['with a final newline', 'a()\n//# sourceMappingURL=x.js.map\n', 'x.js.map'],
    ['with CRLF', 'a()\r\n//# sourceMappingURL=x.js.map\r\n', 'x.js.map'],
    ['with trailing blanks', 'a()\n//# sourceMappingURL=x.js.map \t\n', 'x.js.map'],
    ['in the first line', '//# sourceMappingURL=x.js.map\na()', 'x.js.map'],
    ['behind a byte order mark', '\uFEFF//# sourceMappingURL=x.js.map', 'x.js.map'],
    ['indented', '  //# sourceMappingURL=x.js.map', 'x.js.map'],
    ['between statements', 'a()\n//# sourceMappingURL=x.js.map\nb()', 'x.js.map'],
    ['behind a template', '`\n`\n//# sourceMappingURL=x.js.map', 'x.js.map'],
    ['in a substitution', '`${a\n//# sourceMappingURL=x.js.map\n}`', 'x.js.map'],
    ['as the block comment that ends the file', 'a()/*# sourceMappingURL=x.js.map */\n', 'x.js.map'],
    [
      'with a remote URL',
      '//# sourceMappingURL=https://cdn.example/x.js.map',
      'https://cdn.example/x.js.map',
    ],
    ['in a file that is no JavaScript', '{% if a %}\n}//\n//# sourceMappingURL=x.js.map', 'x.js.map'],
    ['behind an HTML-like comment', `<!-- don't\n//# sourceMappingURL=x.js.map`, 'x.js.map'],
  ])('are found %s', (_where, text, url) => {
    for (const modules of [true, false]) {
      expect(jsReferences(text, modules).references.map(({ kind, url }) => [kind, url])).toEqual([
        ['source-map', url],
      ])
    }
  })

  it.each([
    ['behind code on its line', 'a() //# sourceMappingURL=x.js.map'],
    ['of the old form', '//@ sourceMappingURL=x.js.map'],
    ['without the blank', '//#sourceMappingURL=x.js.map'],
    ['without a URL', '//# sourceMappingURL='],
    ['with more than a URL', '//# sourceMappingURL=x.js.map or so'],
    ['with an inline map', '//# sourceMappingURL=data:application/json;base64,e30='],
    ['in other case', '//# sourcemappingurl=x.js.map'],
    ['in a template', '`\n//# sourceMappingURL=x.js.map\n`'],
    ['in a template that its own line ends', 'a = `\n//# sourceMappingURL=x.js.map`;'],
    ['in a tail of a template', '`${a}\n//# sourceMappingURL=x.js.map\n`'],
    ['in a block comment', '/*\n//# sourceMappingURL=x.js.map\n*/'],
    ['in a string that goes on in the next line', '"\\\n//# sourceMappingURL=x.js.map\\\n"'],
    ['as a block comment that code follows', '/*# sourceMappingURL=x.js.map */ a()'],
    ['as a block comment in a line comment', '// /*# sourceMappingURL=x.js.map */'],
    ['as a block comment in a string', `'/*# sourceMappingURL=x.js.map */`],
    ['in a template of a file that is no JavaScript', '}`\n//# sourceMappingURL=x.js.map\n`'],
  ])('are left alone %s', (_where, text) => {
    for (const modules of [true, false]) expect(jsReferences(text, modules).references).toEqual([])
  })

  it('in code are told from those in templates that hold one, too', () => {
    const text =
      'a = `\n//# sourceMappingURL=1`\n//# sourceMappingURL=2\nb = `\n//# sourceMappingURL=3\n`\n/*# sourceMappingURL=4*/'
    expect(urlsIn(text)).toEqual(['2', '4'])
  })

  it.each([
    ['a()\n//# sourceMappingURL=x.map \r\n', 'a()\n//# sourceMappingURL=NEW \r\n', 'a()\n \r\n'],
    ['a()\n  //#\tsourceMappingURL=x.map', 'a()\n  //#\tsourceMappingURL=NEW', 'a()\n  '],
    ['a()/*# sourceMappingURL=x.map */\n', 'a()/*# sourceMappingURL=NEW */\n', 'a()\n'],
  ])('are changed, or dropped, with every other byte kept: %j', (text, changed, dropped) => {
    expect(splice(text, () => 'NEW')).toBe(changed)
    const { start, end } = jsReferences(text, false).references[0]!
    expect(text.slice(0, start) + text.slice(end)).toBe(dropped)
  })

  it('are all that is found without modules', () => {
    const text = `import './x.js'\nnew URL('y', import.meta.url)\n//# sourceMappingURL=x.js.map`
    expect(jsReferences(text, false).references.map(({ url }) => url)).toEqual(['x.js.map'])
    expect(urlsIn(text)).toEqual(['./x.js', 'y', 'x.js.map'])
  })
})

describe('offsets are UTF-16 units', () => {
  it.each([
    `"😀"; import './😀.js'; import('./y.js')`,
    `\uFEFFimport './x.js'\n\uFEFFimport('./y.js')`,
    `\uFEFF#!/usr/bin/env node\nimport './x.js'`,
    `#!/usr/bin/env node\r\nimport './x.js'\r\nnew URL('😀', import.meta.url)\r\n//# sourceMappingURL=x.map\r\n`,
    `import './\uFEFF.js'`,
  ])('%j', text => {
    const { references } = jsReferences(text, true)
    expect(references.length).toBeGreaterThan(0)
    for (const { url, start, end } of references) expect(text.slice(start, end)).toContain(url)
  })
})

describe('literals', () => {
  it.each([
    [`import './\\u0061\\x62\\u{1F600}.js'`, './ab😀.js'],
    [`import('./a\\\r\nb.js')`, './ab.js'],
    ['import(`./\\u{61}\\`.js`)', './a`.js'],
    [`new URL('a\\\nb\\tc', import.meta.url)`, 'ab\tc'],
    [`import.meta.resolve('./\\x61.js')`, './a.js'],
  ])('are decoded: %j', (text, url) => {
    expect(urlsIn(text)).toEqual([url])
  })

  it.each([
    [`import './x.js'`, `./a'"\`\\.js`, `import './a\\'"\`\\\\.js'`],
    [`import "./x.js"`, `./a'"\`\\.js`, `import "./a'\\"\`\\\\.js"`],
    ['import(`./x.js`)', "./${a}'$`.js", "import(`./\\${a}'$\\`.js`)"],
    [`import './x.js'`, './\n\r\u2028\u2029', `import './\\u000a\\u000d\\u2028\\u2029'`],
    [`new URL("x", import.meta.url)`, '"', `new URL("\\"", import.meta.url)`],
  ])('keep their quotes, and what is special is escaped: %j', (text, url, expected) => {
    const changed = splice(text, () => url)
    expect(changed).toBe(expected)
    expect(urlsIn(changed)).toEqual([url])
  })
})

describe('a text that is not JavaScript', () => {
  it.each([
    ['import "./x.js"; "unclosed', 26],
    ['import "./\\u{bad"', 8],
    ['import "./x.js"; }', 17],
    ['import "./x.js"; {', 0],
  ])('is unparsable, and its imports are left alone: %s', (text, offset) => {
    expect(jsReferences(text, true)).toEqual({
      references: [],
      unparsable: { offset, message: 'cannot be parsed as JavaScript' },
    })
  })

  it('is no matter where no modules are looked for, or where there can be none', () => {
    expect(jsReferences('import "unclosed', false)).toEqual({ references: [] })
    expect(jsReferences('important("unclosed', true)).toEqual({ references: [] })
  })
})

describe('a string of many megabytes', () => {
  const string = `"${'\\n'.repeat(5_000_000)}"`

  it.each([
    ['in a script', `a = ${string}\n//# sourceMappingURL=x.map`, ['x.map']],
    ['in what is no JavaScript', `//# sourceMappingURL=x.map\n) = ${string}`, ['x.map']],
    ['as a URL', `new URL(${string}, import.meta.url); import './x.js'`, ['./x.js']],
    [
      'as an inline map',
      `import './x.js'/*# sourceMappingURL=data:,${'A'.repeat(20_000_000)} */`,
      ['./x.js'],
    ],
  ])('is read %s', (_where, text, urls) => {
    expect(urlsIn(text)).toEqual(urls)
  })
})

describe('a random module', () => {
  const specifier = fc.constantFrom(
    './x.js',
    '../y/z.css',
    '/static/a.js',
    './😀.js',
    './it%27s.js',
    './q?a#b',
  )
  const reference = fc
    .tuple(
      fc.constantFrom<(literal: string) => string>(
        literal => `import ${literal}`,
        literal => `import a, { b } from ${literal} with { type: 'css' }`,
        literal => `export*from${literal}`,
        literal => `export { a as 'b c' } from /* d */ ${literal}`,
      ),
      specifier,
      fc.constantFrom('"', "'"),
    )
    .map(([write, url, quote]) => ({ text: write(quote + url + quote), urls: [url] }))
  const call = fc
    .tuple(
      fc.constantFrom<(literal: string) => string>(
        literal => `import(${literal})`,
        literal => `a = { b: await import(/* 'c' */ ${literal}, { with: {} }) }`,
        literal => `\`\${import(${literal})} '\``,
        literal => `new Worker(new URL(${literal}, import.meta.url))`,
        literal => `import.meta.resolve(${literal})`,
      ),
      specifier,
      fc.constantFrom('"', "'", '`'),
    )
    .map(([write, url, quote]) => ({ text: write(quote + url + quote), urls: [url] }))
  const comment = specifier.map(url => ({ text: `\n//# sourceMappingURL=${url}\n`, urls: [url] }))
  const decoy = fc
    .constantFrom(
      `// import './no.js'\n`,
      `/* new URL('./no.js', import.meta.url)\n//# sourceMappingURL=no\n*/`,
      `"import('./no.js')"`,
      "`\n//# sourceMappingURL=no\n${/'`/.test(a)} import './no.js'`",
      `a = b / c / d`,
      `/["'\`/]/.test(a)`,
      `import 'bare'`,
      `import(a + './no.js')`,
      `if (a) { /'/.exec(b) } else { b++ / 2 }`,
      `class A { import() { return import.meta.url } static #b = '\\'' }`,
    )
    .map(text => ({ text, urls: [] as string[] }))
  const script = fc
    .array(
      fc.tuple(fc.oneof(reference, call, comment, decoy), fc.constantFrom('\n', ';', ';\r\n', '\n/**/')),
      {
        maxLength: 12,
      },
    )
    .map(fragments => ({
      text: fragments.map(([{ text }, separator]) => `${text};${separator}`).join(''),
      urls: fragments.flatMap(([{ urls }]) => urls),
    }))

  it('has the references of its fragments, in order', () => {
    fc.assert(
      fc.property(script, ({ text, urls }) => {
        expect(jsReferences(text, true).unparsable).toBeUndefined()
        expect(urlsIn(text)).toEqual(urls)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps all but its references when they are written anew', () => {
    fc.assert(
      fc.property(script, fc.string({ unit: 'binary', maxLength: 8 }), ({ text, urls }, tail) => {
        const rename = (url: string) => `${url}.${encodeURI(tail)}'"\\\``
        const changed = splice(text, rename)
        expect(urlsIn(changed)).toEqual(urls.map(rename))
        expect(splice(changed, url => url.slice(0, url.length - rename('').length))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a real package', () => {
  it.each([
    'rollup/dist/es/shared/node-entry.js',
    'es-module-lexer/dist/lexer.js',
    'vite/dist/node/index.js',
  ])('%s has the imports that a parser finds', path => {
    const text = readFileSync(new URL(`../../node_modules/${path}`, import.meta.url), 'utf8')
    expect(urlsIn(text)).toEqual(importsByParser(text))
  })
})

function urlsIn(text: string): string[] {
  return jsReferences(text, true).references.map(({ url }) => url)
}

function kindsIn(text: string): string[] {
  return jsReferences(text, true).references.map(({ kind }) => kind)
}

function splice(text: string, rename: (url: string) => string): string {
  const output = new MagicString(text)
  for (const reference of jsReferences(text, true).references) {
    output.update(reference.start, reference.end, urlText(reference, rename(reference.url)))
  }
  return output.toString()
}

/** An independent answer: every relative literal that an import, a re-export or `import()` of the tree names. */
function importsByParser(text: string): string[] {
  const urls: string[] = []
  visit(parseAst(text, { allowReturnOutsideFunction: true }), node => {
    const value = /^(?:Import|Export)/.test(node.type) ? node.source?.value : undefined
    if (typeof value === 'string' && /^\.{0,2}\//.test(value)) urls.push(value)
  })
  return urls
}

interface Node {
  readonly type: string
  readonly source?: { readonly value?: unknown } | null
}

function visit(value: unknown, enter: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) enter(value as Node)
  for (const child of Object.values(value)) visit(child, enter)
}
