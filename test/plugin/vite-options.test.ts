import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { InlineConfig } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { vites } from '../support/bundlers.ts'
import { filesOf } from '../support/files-of.ts'
import { brokenKeys, classesOf, manifestOf, mutableNames, sheetOf, textOf } from '../support/static-root.ts'
import { type Tree, tree } from '../support/tree.ts'

const css = (...names: string[]) => names.map(name => `.${name} { color: red }\n`).join('')

/** Scripts with CSS, a shared module, a lazy one, and an asset beyond locations. */
const SITE: Tree = {
  'static/app.js': `import './app.css'; import { s } from './shared.js'; import u from '../outside.svg'; console.log('app', s, u); import('./lazy.js')`,
  'static/b.js': `import { s } from './shared.js'; console.log('b', s)`,
  'static/shared.js': `import './shared.css'; export const s = globalThis.S`,
  'static/lazy.js': `import './lazy.css'; console.log('lazy')`,
  'static/app.css': css('app'),
  'static/shared.css': css('shared'),
  'static/lazy.css': css('lazy'),
  'static/outside.svg': '<svg>another</svg>',
  'outside.svg': '<svg/>',
}

describe.each(Object.entries(vites))('options of Vite, %s', (version, build) => {
  async function buildWith(config: InlineConfig, options: Options = {}, files = SITE): Promise<string> {
    const root = await tree(files)
    const given = { dirs: ['static'], compress: false as const, entries: ['app.js', 'b.js'], ...options }
    const out = await build(root, given, { publicDir: false, ...config })
    expect(brokenKeys(out)).toEqual([])
    expect(mutableNames(out, filesOf(out))).toEqual([])
    return out
  }

  const classes = (out: string, name: string) => classesOf(sheetOf(out, name))

  test.each(['', '.', './x', 'a/b'])('build.assetsDir: %j', async assetsDir => {
    const out = await buildWith({ build: { assetsDir, assetsInlineLimit: 0 } })
    expect(classes(out, 'app.css')).toEqual(['app', 'shared'])
    expect(classes(out, 'b.css')).toEqual(['shared'])
    expect(textOf(out, 'outside.svg')).toBe('<svg>another</svg>')
    const [, asset] = /([\w./-]*outside\S*?\.svg)/.exec(textOf(out, 'app.js'))!
    expect(readFileSync(path.join(out, asset!), 'utf8')).toBe('<svg/>')
  })

  test('build.cssCodeSplit: false has one stylesheet for all scripts', async () => {
    const files = { ...SITE, 'static/site.css': css('site') }
    const out = await buildWith(
      { build: { cssCodeSplit: false } },
      { entries: ['app.js', 'b.js', 'site.css'] },
      files,
    )
    expect(classes(out, 'app.css')).toEqual(['app', 'shared', 'lazy'])
    expect(manifestOf(out)['b.css']).toBe(manifestOf(out)['app.css'])
    expect(manifestOf(out)['assets/style.css']).toBe(manifestOf(out)['app.css'])
    expect(classes(out, 'site.css')).toEqual(['site'])
    expect(filesOf(out).filter(file => file.startsWith('assets/')).length).toBe(
      Object.keys(manifestOf(out)).filter(name => name.startsWith('assets/')).length,
    )
  })

  test('build.cssCodeSplit: false cannot have two orders', async () => {
    const files = {
      'static/one.js': `import './a.css'; import './b.css'; console.log(1)`,
      'static/two.js': `import './b.css'; import './a.css'; console.log(2)`,
      'static/a.css': css('a'),
      'static/b.css': css('b'),
    }
    const broken = buildWith({ build: { cssCodeSplit: false } }, { entries: ['one.js', 'two.js'] }, files)
    await expect(broken).rejects.toThrow(
      /different orders\n {2}one\.js imports \S*a\.css first\n {2}two\.js imports \S*b\.css before it/,
    )
  })

  test('import.meta.env.BASE_URL leads to the static root from where the script lies', async () => {
    const out = await buildWith(
      { worker: { format: 'es' } },
      { entries: ['deep/er/app.js', 'top.js'] },
      {
        'static/deep/er/app.js': `console.log(import.meta.env.BASE_URL + 'img/x.svg'); new Worker(new URL('./w.js', import.meta.url), { type: 'module' })`,
        'static/deep/er/w.js': `console.log(import.meta.env.BASE_URL)`,
        'static/top.js': `console.log(import.meta.env.BASE_URL, import.meta.env)`,
      },
    )
    for (const name of ['deep/er/app.js', 'top.js', 'deep/er/w.js']) {
      const file = manifestOf(out)[name]!
      expect(baseUrls(readFileSync(path.join(out, file), 'utf8'), `https://cdn.example/x/${file}`)).toEqual([
        ...(name === 'top.js' ? ['https://cdn.example/x/'] : []),
        'https://cdn.example/x/',
      ])
    }
  })

  test('a base of the user stays', async () => {
    const files = { 'static/app.js': 'console.log(import.meta.env.BASE_URL)' }
    const out = await buildWith({ base: '/static/' }, { entries: ['app.js'] }, files)
    expect(textOf(out, 'app.js')).toContain('/static/')
  })

  test('source maps are immutable for WhiteNoise', async () => {
    const out = await buildWith({ build: { sourcemap: true } })
    const maps = filesOf(out).filter(file => file.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(2)
  })

  test.each<[string, (names: string[]) => InlineConfig]>([
    ['a string', ([name]) => ({ build: { rollupOptions: { input: name! } } })],
    ['a list', names => ({ build: { rollupOptions: { input: names } } })],
    ['an object', names => ({ build: { rollupOptions: { input: { one: names[0]!, two: names.at(-1)! } } } })],
    [
      'of the environment',
      names => ({ environments: { client: { build: { rollupOptions: { input: names } } } } }),
    ],
    ...(version === 'Vite 8'
      ? ([
          ['of Rolldown', names => ({ build: { rolldownOptions: { input: names } } })],
          ['of the top level', names => ({ input: names }) as InlineConfig],
        ] satisfies [string, (names: string[]) => InlineConfig][])
      : []),
  ])("the user's own input stays: %s", async (_what, config) => {
    const pages = { 'src/a/index.js': `console.log('page A')`, 'src/b/index.js': `console.log('page B')` }
    for (const entries of [['z.ts', 'y.css'], []]) {
      // Vite 6 and 7 find others from the working directory.
      const names = Object.keys(pages).map(name => `/${name}`)
      const given = config(names)
      const files = {
        'static/z.ts': `import './z.css'; console.log('z')`,
        'static/y.css': css('y'),
        'static/z.css': css('z'),
      }
      const out = await buildWith(given, { entries }, { ...files, ...pages })
      const texts = filesOf(out).map(file => readFileSync(path.join(out, file), 'utf8'))
      expect(texts.filter(text => text.includes('page A')).length).toBe(1)
      expect(texts.filter(text => text.includes('page B')).length).toBe(
        JSON.stringify(given).includes('src/b') ? 1 : 0,
      )
      if (entries.length === 0) continue
      expect(classes(out, 'z.css')).toEqual(['z'])
      expect(manifestOf(out)['z.css']).not.toBe(manifestOf(out)['z.ts'])
      expect(textOf(out, 'z.ts')).toContain('z')
      expect(classes(out, 'y.css')).toEqual(['y'])
    }
  })

  test('an entry may be an input of the user too', async () => {
    const out = await buildWith({ build: { rollupOptions: { input: { own: 'static/app.js' } } } })
    expect(textOf(out, 'app.js')).toContain('app')
    expect(textOf(out, 'b.js')).toContain('b')
    expect(classes(out, 'app.css')).toEqual(['app', 'shared'])
  })

  test.each([
    ['an object', { banner: 'globalThis.mine=1;' }],
    ['a list', [{ banner: 'globalThis.mine=1;' }]],
  ])('output as %s', async (_what, output) => {
    const files = {
      ...SITE,
      'static/app.css': '.app { background: url(./x.png) }',
      'static/x.png': 'x'.repeat(9000),
    }
    const out = await buildWith({ build: { rollupOptions: { output } } }, {}, files)
    expect(textOf(out, 'app.js')).toContain('globalThis.mine=1')
    expect(classes(out, 'app.css')).toEqual(['app', 'shared'])
    const own = Object.entries(manifestOf(out)).find(([name]) => name === 'app.part.css')![1]
    expect(readFileSync(path.join(out, own), 'utf8')).toContain(manifestOf(out)['x.png'])
  })

  test('manualChunks may hold the CSS of entries, or the entries', async () => {
    const files = {
      ...SITE,
      'static/both.js': `import './lib/a.css'; import './both.css'; import './lib/b.css'; console.log('both')`,
      'static/lib/a.css': css('a'),
      'static/lib/b.css': css('b'),
      'static/both.css': css('both'),
    }
    const chunks = (id: string) => (id.includes('/lib/') || id.endsWith('both.js') ? 'vendor' : undefined)
    const output =
      version === 'Vite 8'
        ? { codeSplitting: { groups: [{ name: (id: string) => chunks(id) ?? null }] } }
        : { manualChunks: chunks }
    const out = await buildWith(
      { build: { rollupOptions: { output: output as object } } },
      { entries: ['app.js', 'b.js', 'both.js'] },
      files,
    )
    expect(classes(out, 'both.css')).toEqual(['a', 'both', 'b'])
    expect(classes(out, 'app.css')).toEqual(['app', 'shared'])
  })

  if (version === 'Vite 8') {
    test('build.chunkImportMap is refused with a word', async () => {
      const broken = buildWith({ build: { chunkImportMap: true } })
      await expect(broken).rejects.toThrow('build.chunkImportMap does not work with Django templates')
    })
  }
})

/** What the URLs that a script makes of its own URL lead to. */
function baseUrls(code: string, url: string): string[] {
  return [...code.matchAll(/new URL\(["'`](\.[^"'`]*\/)["'`],/g)].map(
    ([, relative]) => new URL(relative!, url).href,
  )
}
