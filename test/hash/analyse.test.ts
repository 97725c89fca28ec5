import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { prepare } from '../../src/build/pipeline.ts'
import { openCaches } from '../../src/build/setup.ts'
import type { Options } from '../../src/options/options.ts'
import { hashTree } from '../support/hash-tree.ts'
import { resolveIn } from '../support/resolve-in.ts'
import { tree } from '../support/tree.ts'

describe('missing references', () => {
  const FILES = {
    'static/site.css': 'a{b:url(img/logo.png)}\n  c{d:url("img/lgo.png")}\n@import "gone.css";',
    'static/img/logo.png': 'x',
    'static/app.js': 'import "./vendor/lib.js"\nimport "./lib.js"\nnew URL("../../x", import.meta.url)',
    'app/static/lib/lib.js': '1',
  }

  it('are one error that lists all, with their places, the nearest names, the folders and the remedy', async () => {
    const { root, prepare } = await pipeline(FILES, { dirs: ['static'], apps: ['app'] })
    const message = await prepare().catch((error: Error) => stripVTControlCharacters(error.message))
    expect(message).toBe(`staticfiles: 5 references name files that no finder has

  ${root}/static/app.js:1:8  ./vendor/lib.js
    no file is named vendor/lib.js; did you mean lib/lib.js?
  ${root}/static/app.js:2:8  ./lib.js
    no file is named lib.js; did you mean lib/lib.js?
  ${root}/static/app.js:3:9  ../../x
    leads out of the static root
  ${root}/static/site.css:2:7  img/lgo.png
    no file is named img/lgo.png; did you mean img/logo.png?
  ${root}/static/site.css:3:9  gone.css
    no file is named gone.css

Searched: ${root}/static, ${root}/app/static
Add the file or correct the reference; leave out the file that holds it with \`ignore\`; or set \`strict: false\` to keep such references as they are.`)
  })

  it('are warned of and left as they are with `strict: false`', async () => {
    const { prepare, warnings } = await pipeline(FILES, {
      ...{ dirs: ['static'], apps: ['app'], strict: false },
    })
    const prepared = await prepare()
    onTestFinished(() => prepared.end())
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^these references name files that no finder has, and stay as they are\n/)
    expect(warnings[0]).toContain('static/site.css:2:7  img/lgo.png')
    const bundle = { files: [], paths: new Map(), shared: new Set<string>(), consumed: new Set<string>() }
    const { paths } = await prepared.finish(bundle)
    expect([...paths.values()]).toContain('lib/lib.c4ca4238a0b9.js')
  })

  it('are the same in every order, and again and again', async () => {
    const first = await hashTree(FILES)
    expect((await hashTree(FILES)).missing).toEqual(first.missing)
    const { css, js } = { css: 'preserve', js: 'modules' } as const
    expect((await hashTree(FILES, { css, js })).missing).toEqual(first.missing)
  })

  it('are those of modules to folders, which Node would search for an index', async () => {
    const { missing } = await hashTree({
      'a.js': 'import "./lib"; new URL("lib", import.meta.url)',
      'lib/index.js': '',
    })
    expect(missing.map(({ url }) => url)).toEqual(['./lib'])
  })

  it('are those to names that differ in case or in Unicode form', async () => {
    const { missing } = await hashTree({
      'a.css': 'a{b:url(A.png);c:url(caf\u00e9.png)}',
      'a.png': '',
      'cafe\u0301.png': '',
    })
    expect(missing.map(({ name }) => name)).toEqual(['A.png', 'caf\u00e9.png'])
  })
})

describe('a missing source map', () => {
  it.each([
    ['a.js', 'run()\n//# sourceMappingURL=a.js.map\n', 'run()\n\n', '2:1'],
    ['a.css', 'a{b:c}\n/*# sourceMappingURL=a.css.map */\n', 'a{b:c}\n\n', '2:1'],
  ])('is a warning, and the comment of %s is dropped', async (name, source, expected, place) => {
    const { text, warnings, missing } = await hashTree({ [name]: source })
    expect(text(name)).toBe(expected)
    expect(missing).toEqual([])
    expect(warnings).toEqual([
      `${name}:${place} names the source map ${name}.map, which no finder has: the comment is dropped`,
    ])
  })

  it('hides no map that is there or inline', async () => {
    const inline = 'x\n//# sourceMappingURL=data:application/json,{}'
    const files = { 'a.js': 'x\n//# sourceMappingURL=a.map', 'a.map': '{}', 'b.js': inline, 'c.css': '' }
    const { text, warnings, hashed } = await hashTree({
      ...files,
      'c.css': '/*# sourceMappingURL=data:application/json,{} */',
    })
    expect(warnings).toEqual([])
    expect(text('a.js')).toBe(`x\n//# sourceMappingURL=${hashed('a.map')}`)
    expect(text('b.js')).toBe(inline)
    expect(text('c.css')).toBe('/*# sourceMappingURL=data:application/json,{} */')
  })
})

describe('a reference is left alone', () => {
  it.each([
    ['to a folder', 'a{b:url(img);c:url(img/);d:url(.);e:url(/static/);f:url(/static/img)}'],
    ['without a path', 'a{b:url();c:url(#x);d:url("?");e:url(#default#VML)}'],
    ['with another scheme', 'a{b:url(HTTP://x/y.png);c:url(data:,x);d:url(Blob:x);e:url(about:blank)}'],
    ['to another host', 'a{b:url(//cdn/x.png)}@import "//cdn/x.css";'],
    ['outside the static URL', 'a{b:url(/media/x.png);c:url(/staticx/y.png)}'],
  ])('%s', async (_, css) => {
    const { text, missing, warnings } = await hashTree({ 'a.css': css, 'img/x.png': '' })
    expect(text('a.css')).toBe(css)
    expect([...missing, ...warnings]).toEqual([])
  })

  it('in a script, where it is a bare specifier', async () => {
    const js = 'import "vue";import("lit");export * from "x/y.js"'
    expect((await hashTree({ 'a.js': js, vue: '' })).text('a.js')).toBe(js)
  })
})

describe('a reference that starts with the static URL', () => {
  it('becomes relative', async () => {
    const { text } = await hashTree({ 'a/b.css': 'a{b:url(/static/c/d.png)}', 'c/d.png': 'x' })
    expect(text('a/b.css')).toBe('a{b:url("../c/d.9dd4e461268c.png")}')
  })

  it('is known by the path of the static URL', async () => {
    const { text } = await hashTree(
      { 'a.js': 'import "/s/b.js";import "/static/b.js"', 'b.js': 'x' },
      { staticPath: '/s/' },
    )
    expect(text('a.js')).toBe('import "./b.9dd4e461268c.js";import "/static/b.js"')
  })
})

describe('a text', () => {
  it('keeps its byte order mark and its line ends', async () => {
    const { text } = await hashTree({
      'a.css': '\uFEFFa{b:url(x.png)}\r\n\r\nc{d:e}\r',
      'b.js': '\uFEFFimport "./x.png"\r\n//# sourceMappingURL=x.png\r\n',
      'x.png': 'x',
    })
    expect(text('a.css')).toBe('\uFEFFa{b:url("x.9dd4e461268c.png")}\r\n\r\nc{d:e}\r')
    expect(text('b.js')).toBe(
      '\uFEFFimport "./x.9dd4e461268c.png"\r\n//# sourceMappingURL=x.9dd4e461268c.png\r\n',
    )
  })

  it('that is not UTF-8 is kept byte for byte, with a warning', async () => {
    const { bytes, warnings } = await hashTree({
      'a.css': Buffer.from('/* caf\xE9 */a{b:url(x.png);content:"\xFF"}', 'latin1'),
      'b.js': Buffer.from('"\xE9";import "./x.png"', 'latin1'),
      'c.css': Buffer.from('/* caf\xE9 */a{b:c}', 'latin1'),
      'x.png': 'x',
    })
    expect(bytes('a.css').toString('latin1')).toBe(
      '/* caf\xE9 */a{b:url("x.9dd4e461268c.png");content:"\xFF"}',
    )
    expect(bytes('b.js').toString('latin1')).toBe('"\xE9";import "./x.9dd4e461268c.png"')
    expect(warnings).toEqual(
      ['a.css', 'b.js'].map(name => `${name} is not UTF-8: its bytes are kept, only the references change`),
    )
  })

  it('that is not UTF-8 may name files with any characters', async () => {
    const css = Buffer.concat([
      Buffer.from('/*\xE9*/', 'latin1'),
      Buffer.from('a{b:url(日.png);c:url(%E6%97%A5.png)}'),
    ])
    const { bytes, missing } = await hashTree({ 'a.css': css, '日.png': 'x' })
    expect(missing).toEqual([])
    const url = 'url("%E6%97%A5.9dd4e461268c.png")'
    expect(bytes('a.css').toString('latin1')).toBe(`/*\xE9*/a{b:${url};c:${url}}`)
  })
})

describe('by its name a file', () => {
  it.each(['UP.JS', 'UP.CSS', 'a.Js', 'a.cjs', 'a.ts', 'a.css.txt'])('%s is not rewritten', async name => {
    const source = 'import "./x.png"\n@import "x.png";\n//# sourceMappingURL=x.png'
    const { text, hasher } = await hashTree({ [name]: source, 'x.png': 'x' })
    expect(text(name)).toBe(source)
    expect(hasher.files.get(name)?.rewritten).toBeUndefined()
  })

  it('x.mjs is', async () => {
    const { text, hashed } = await hashTree({ 'x.mjs': 'import "./y.mjs"', 'y.mjs': '' })
    expect(text('x.mjs')).toBe(`import "./${hashed('y.mjs')}"`)
  })

  it.each(['a b.png', 'a%b.png', 'a#b.png', 'a?b.png', 'é語😀.png', `a'b"c.png`, 'a(b).png', 'a\\b.png'])(
    '%s can be referred to, percent-encoded, from CSS, JavaScript and source map comments',
    async name => {
      const url = encodeURIComponent(name)
      const { text, missing, warnings, hashed } = await hashTree({
        'a.css': `a{b:url('${url.replaceAll("'", '%27')}')}`,
        'a.js': `import("./${url}");\n//# sourceMappingURL=${url}`,
        [name]: 'x',
      })
      expect([missing, warnings]).toEqual([[], []])
      const written = hashed(name).replaceAll(/[%#?\\]/g, encodeURIComponent)
      expect(text('a.css')).toBe(`a{b:url("${written.replaceAll('"', '\\"')}")}`)
      expect(text('a.js')).toContain(`import("./${written.replaceAll('"', '\\"')}")`)
      expect(text('a.js')).toContain(`sourceMappingURL=${written.replaceAll(' ', '%20')}`)
    },
  )
})

describe('a stylesheet', () => {
  const CSS = `/* kept */\na {\n  b: url( 'x.png?v#f' );\n}\n@import "b.css" screen;\n`
  const FILES = {
    'a.css': `@import "b.css" screen;\n\na { background: URL('x.png?v#f') }\n`,
    'b.css': '',
    'x.png': 'x',
  }

  it('changes nothing but its URLs with `preserve`', async () => {
    const { text, hashed } = await hashTree({ 'a.css': CSS, 'b.css': '', 'x.png': 'x' })
    expect(text('a.css')).toBe(
      `/* kept */\na {\n  b: url("${hashed('x.png')}?v#f");\n}\n@import url("${hashed('b.css')}") screen;\n`,
    )
  })

  it('is minified with `lightningcss`, and its URLs are the same', async () => {
    const { text, hashed, unminified } = await hashTree(FILES, { css: 'lightningcss' })
    expect(text('a.css')).toBe(
      `@import "${hashed('b.css')}" screen;a{background:url("${hashed('x.png')}?v#f")}`,
    )
    expect(unminified).toEqual([])
  })

  it('that lightningcss would damage falls back to `preserve`, which is reported', async () => {
    const hack = { ...FILES, 'a.css': 'a{\n  *zoom: 1; background:url(x.png)}' }
    const { text, unminified } = await hashTree(hack, { css: 'lightningcss' })
    expect(text('a.css')).toBe('a{\n  *zoom: 1; background:url("x.9dd4e461268c.png")}')
    expect(unminified).toEqual([expect.stringMatching(/^a\.css:2:\d+: Unexpected token/)])
  })

  it('keeps what is missing, whoever writes it', async () => {
    const files = { 'a.css': 'a{b:url(gone.png);c:url(x.png)}', 'x.png': 'x' }
    const preserved = await hashTree(files)
    const minified = await hashTree(files, { css: 'lightningcss' })
    expect(preserved.text('a.css')).toBe('a{b:url(gone.png);c:url("x.9dd4e461268c.png")}')
    expect(minified.text('a.css')).toBe('a{b:url("gone.png");c:url("x.9dd4e461268c.png")}')
    expect(minified.missing).toEqual(preserved.missing)
  })

  it('loses a missing source map comment, and is minified all the same', async () => {
    const files = { 'a.css': 'a { b: url(x.png) }\n/*# sourceMappingURL=a.map */', 'x.png': 'x' }
    const { text, warnings } = await hashTree(files, { css: 'lightningcss' })
    expect(text('a.css')).toBe('a{b:url("x.9dd4e461268c.png")}')
    expect(warnings).toHaveLength(1)
  })
})

describe('in any text', () => {
  const cases = fc.record({
    extension: fc.constantFrom('css', 'js'),
    mark: fc.constantFrom('', '\uFEFF'),
    end: fc.constantFrom('\n', '\r\n', ''),
    urls: fc.array(
      fc.constantFrom('a.png', './a.png', 'gone.png', 'http://x/a.png', '/static/a.png', 'img', '日.png'),
      {
        maxLength: 8,
      },
    ),
    filler: fc.array(fc.constantFrom('/*é a.png*/', '"a.png";', ' ', '\t', '/* url(a.png) */'), {
      maxLength: 8,
    }),
  })
  const sources = cases.map(({ extension, mark, end, urls, filler }) => {
    const fill = (index: number) =>
      (extension === 'css' ? filler[index]?.replace(/^".*/, '') : filler[index]) ?? ''
    const pieces = urls.map((url, index) => [fill(index) + before(extension), url, after(extension) + end])
    return { name: `f.${extension}`, pieces: [[mark, '', ''], ...pieces] as [string, string, string][] }
  })

  it('only the URLs change', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async ({ name, pieces }) => {
        const { text } = await hashTree({ [name]: pieces.flat().join(''), ...TARGETS })
        expect(text(name)).toBe(pieces.map(([a, url, b]) => a + written(url) + b).join(''))
      }),
      { numRuns: 100 },
    )
  })

  it('the result has the same report as the source once its names are there', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async ({ name, pieces }) => {
        const once = await hashTree({ [name]: pieces.flat().join(''), ...TARGETS })
        const hashedTargets = Object.fromEntries(
          Object.entries(TARGETS).map(([target, content]) => [once.hashed(target), content]),
        )
        const twice = await hashTree({ [name]: once.text(name), ...TARGETS, ...hashedTargets })
        const report = ({ missing }: typeof once) => missing.map(({ url, line, name }) => [url, line, name])
        expect(report(twice)).toEqual(report(once))
        expect(twice.warnings).toEqual(once.warnings)
      }),
      { numRuns: 60 },
    )
  })
})

const TARGETS = { 'a.png': 'x', 'img/b.png': 'x', '日.png': 'x' }

/** Double-quoted already, so that nothing but the URL differs. */
function before(extension: string): string {
  return extension === 'css' ? 'a{b:url("' : 'new URL("'
}

function after(extension: string): string {
  return extension === 'css' ? '")}' : '", import.meta.url);'
}

function written(url: string): string {
  return /^(?:\/static\/|\.\/)?(?:a|日)\.png$/u.test(url)
    ? url.replace('/static/', '').replace('.png', '.9dd4e461268c.png')
    : url
}

async function pipeline(files: Record<string, string>, options: Options) {
  const root = await tree(files)
  const warnings: string[] = []
  const log = { warn: (text: string) => warnings.push(stripVTControlCharacters(text)), progress: () => {} }
  const resolved = resolveIn(root, { compress: false, dryRun: true, ...options })
  const caches = openCaches(resolved, path.join(root, 'cache'), false)
  return {
    root,
    warnings,
    prepare: () => prepare({ options: resolved, log, targets: undefined, caches }, []),
  }
}

it('imports of installed packages that lead nowhere are told, and fail nothing', async () => {
  const { missing, foreign } = await hashTree({
    'node_modules/pkg/source.js': 'import "./nowhere"\nimport("./gone.js")\n',
    'node_modules/pkg/style.css': 'a { background: url(none.png) }',
    'own.js': 'import "./missing.js"',
  })
  expect(foreign.map(({ url, line }) => [url, line])).toEqual([
    ['./nowhere', 1],
    ['./gone.js', 2],
  ])
  expect(missing.map(({ url }) => url).sort()).toEqual(['./gone.js', './missing.js', './nowhere', 'none.png'])
})
