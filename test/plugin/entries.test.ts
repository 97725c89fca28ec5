import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { InlineConfig } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { vites } from '../support/bundlers.ts'
import { filesOf } from '../support/files-of.ts'
import { brokenKeys, classesOf, manifestOf, mutableNames, sheetOf, textOf } from '../support/static-root.ts'
import { symlink, type Tree, tree } from '../support/tree.ts'

const css = (...names: string[]) => names.map(name => `.${name} { color: red }\n`).join('')

/** Scripts whose entries are all of them. */
function entriesIn(files: Tree): string[] {
  return Object.keys(files).map(file => file.replace('static/', ''))
}

describe.each(Object.entries(vites))('entries, %s', (_version, build) => {
  /** Builds with `static/` as the only location. */
  async function buildEntries(
    files: Tree,
    options: Options = {},
    config: InlineConfig = {},
  ): Promise<{ out: string; classes: (name: string) => string[] }> {
    const root = await tree(files)
    const out = await build(
      root,
      { dirs: ['static'], compress: false, ...options },
      { publicDir: false, ...config },
    )
    expect(brokenKeys(out)).toEqual([])
    expect(mutableNames(out, filesOf(out))).toEqual([])
    expect(leftMarks(out)).toEqual([])
    return { out, classes: name => classesOf(sheetOf(out, name)) }
  }

  test('have CSS that several of them import directly', async () => {
    const { classes } = await buildEntries(
      {
        'static/one.ts': `import './shared.css'; console.log('one')`,
        'static/two.ts': `import './shared.css'; console.log('two')`,
        'static/own.ts': `import './shared.css'; import './own.css'; console.log('own')`,
        'static/shared.css': css('shared'),
        'static/own.css': css('own'),
      },
      { entries: ['one.ts', 'two.ts', 'own.ts'] },
    )
    expect(classes('one.css')).toEqual(['shared'])
    expect(classes('two.css')).toEqual(['shared'])
    expect(classes('own.css')).toEqual(['shared', 'own'])
  })

  test('have CSS of modules, Sass and CSS modules that they share', async () => {
    const { classes } = await buildEntries(
      {
        'static/one.ts': `import theme from './theme.module.css'; import './x.scss'; console.log(1, theme.theme)`,
        'static/two.ts': `import theme from './theme.module.css'; import './x.scss'; console.log(2, theme.theme)`,
        'static/three.ts': `import './x.scss'; console.log(3)`,
        'static/theme.module.css': css('theme'),
        'static/x.scss': '.x { .y { color: red } }',
      },
      { entries: ['one.ts', 'two.ts', 'three.ts'] },
    )
    expect(classes('one.css')).toEqual([expect.stringContaining('theme'), 'y'])
    expect(classes('two.css')).toEqual([expect.stringContaining('theme'), 'y'])
    expect(classes('three.css')).toEqual(['y'])
  })

  test('have the CSS of an entry that is a stylesheet, which keeps its own name', async () => {
    const { out, classes } = await buildEntries(
      {
        'static/css/site.scss': css('site'),
        'static/only.ts': `import './css/site.scss'; console.log('only')`,
        'static/before.ts': `import './css/site.scss'; import './own.css'; console.log('before')`,
        'static/after.ts': `import './own.css'; import './css/site.scss'; console.log('after')`,
        'static/later.ts': `import('./css/site.scss'); console.log('later')`,
        'static/through.ts': `import './before'; console.log('through')`,
        'static/own.css': css('own'),
      },
      { entries: ['css/site.scss', 'only.ts', 'before.ts', 'after.ts', 'later.ts', 'through.ts'] },
    )
    expect(manifestOf(out)['css/site.css']).toMatch(/^css\/site\.[0-9a-f]{12}\.css$/)
    expect(manifestOf(out)['css/site.scss']).toBe(manifestOf(out)['css/site.css'])
    expect(classes('css/site.css')).toEqual(['site'])
    expect(classes('only.css')).toEqual(['site'])
    expect(classes('before.css')).toEqual(['site', 'own'])
    expect(classes('after.css')).toEqual(['own', 'site'])
    expect(classes('through.css')).toEqual(['site', 'own'])
    expect(manifestOf(out)).not.toHaveProperty(['later.css'])
  })

  test('have CSS in the order of the imports, also where shared CSS stands between their own', async () => {
    const { out, classes } = await buildEntries(
      {
        'static/p/app.ts': `import './first.css'; import '../shared'; import './last.css'; console.log('app')`,
        'static/other.ts': `import './shared'; console.log('other')`,
        'static/shared.ts': `import './shared.css'; globalThis.shared = 1`,
        'static/shared.css': css('shared'),
        'static/p/first.css': `.first { background: url(img.png) }`,
        'static/p/last.css': `.last { background: url(img.png) }`,
        'static/p/img.png': 'png'.repeat(3000),
      },
      { entries: ['p/app.ts', 'other.ts'] },
    )
    expect(classes('p/app.css')).toEqual(['first', 'shared', 'last'])
    expect(classes('other.css')).toEqual(['shared'])
    const { dir } = path.posix.parse(manifestOf(out)['p/app.css']!)
    const urls = [...sheetOf(out, 'p/app.css').matchAll(/url\((\S+?png)\)/g)].map(([, url]) =>
      path.posix.join(dir, url!),
    )
    expect(urls).toEqual([manifestOf(out)['p/img.png'], manifestOf(out)['p/img.png']])
  })

  test('do not get CSS a second time from what comes later, behind what overrides it', async () => {
    const { out, classes } = await buildEntries(
      {
        'static/one.ts': `import './shared.css'; import './one.css'; import('./later'); console.log('one')`,
        'static/two.ts': `import './shared.css'; console.log('two')`,
        'static/three.ts': `import('./other'); console.log('three')`,
        'static/later.ts': `import './shared.css'; import './later.css'; console.log('later')`,
        'static/other.ts': `import './third.css'; console.log('other')`,
        'static/shared.css': css('shared'),
        'static/one.css': css('one'),
        'static/later.css': css('later'),
        'static/third.css': css('third'),
      },
      { entries: ['one.ts', 'two.ts', 'three.ts'] },
      { build: { manifest: true } },
    )
    expect(classes('one.css')).toEqual(['shared', 'one'])
    expect(preloaded(out, 'one.ts')).toEqual([['later']])
    expect(preloaded(out, 'three.ts')).toEqual([['third']])
    const chunks = JSON.parse(readFileSync(path.join(out, '.vite/manifest.json'), 'utf8'))
    expect(chunks['static/one.ts'].css).toEqual([manifestOf(out)['one.css']])
    const files = Object.values<{ css?: string[] }>(chunks).flatMap(chunk => chunk.css ?? [])
    expect(files.filter(file => !filesOf(out).includes(file))).toEqual([])
  })

  test('have CSS whose selectors another plugin makes more specific', async () => {
    const scoped = {
      name: 'scoped',
      transform: scopes(code => code.replace(/([\w-]+)\s*\{(?=[^{}]*:)/gu, '$1[data-x]{')),
    }
    const { out } = await buildEntries(
      {
        'static/one.ts': `import './a.css'; import './b.css'; console.log(1)`,
        'static/a.css': css('a'),
        'static/b.css': css('b'),
      },
      { entries: ['one.ts'] },
      { plugins: [scoped] },
    )
    expect(sheetOf(out, 'one.css').replace(/\s/gu, '')).toMatch(
      /^\.a\[data-x\]\{color:red;?\}\.b\[data-x\]\{color:red;?\}$/u,
    )
  })

  test('fail the build if another plugin makes their CSS unrecognizable, instead of losing it', async () => {
    const renaming = {
      name: 'renaming',
      transform: scopes(code => code.replace(/\nstaticfiles-k\w+\{/gu, '.x{')),
    }
    const failed = buildEntries(
      { 'static/one.ts': `import './a.css'; console.log(1)`, 'static/a.css': css('a') },
      { entries: ['one.ts'] },
      { plugins: [renaming] },
    )
    await expect(failed).rejects.toThrow(
      'cannot be told apart any more: another plugin has changed the rules',
    )
  })

  test('have stylesheets of equal content, and empty ones', async () => {
    const { out, classes } = await buildEntries(
      {
        'static/a.css': css('same'),
        'static/b.css': css('same'),
        'static/c/empty.scss': '// nothing',
        'static/d/empty.css': '',
        'static/one.ts': `import './x/same.css'`,
        'static/two.ts': `import './y/same.css'`,
        'static/x/same.css': css('same'),
        'static/y/same.css': css('same'),
        'static/z/one.ts': `console.log('equal')`,
        'static/z/two.ts': `console.log('equal')`,
      },
      {
        entries: [
          'a.css',
          'b.css',
          'c/empty.scss',
          'd/empty.css',
          'one.ts',
          'two.ts',
          'z/one.ts',
          'z/two.ts',
        ],
      },
    )
    for (const name of ['a.css', 'b.css', 'one.css', 'two.css']) expect(classes(name)).toEqual(['same'])
    expect(textOf(out, 'c/empty.scss').trim()).toBe('')
    expect(textOf(out, 'c/empty.css').trim()).toBe('')
    expect(textOf(out, 'd/empty.css').trim()).toBe('')
    for (const name of ['z/one.ts', 'z/two.ts']) expect(textOf(out, name)).toContain('equal')
    expect(manifestOf(out)['z/one.ts']).toMatch(/^z\/one\./)
    expect(manifestOf(out)['z/two.ts']).toMatch(/^z\/two\./)
  })

  test('have names that other names become when they are shortened or encoded', async () => {
    const scripts: Tree = {
      'static/polls/app.ts': `import './app.css'; console.log('slash')`,
      'static/polls-app.ts': `import './polls-app.css'; console.log('dash')`,
      'static/a/b-c.ts': `console.log('a/b-c')`,
      'static/a-b/c.ts': `console.log('a-b/c')`,
      'static/p/[id].ts': `import './id.css'; console.log('id')`,
      'static/p/_id_.ts': `console.log('underscores')`,
      'static/[slug]/page.ts': `console.log('slug')`,
      'static/(group)/page.ts': `import './g.css'; console.log('group')`,
      'static/with blank.ts': `console.log('blank')`,
      'static/größe/ñ.ts': `import './x.css'; console.log('letters')`,
      'static/{b}.ts': `console.log('braces')`,
      'static/a#b.ts': `console.log('fragment')`,
    }
    const entries = entriesIn(scripts)
    const sheets = {
      'static/polls/app.css': css('slash'),
      'static/polls-app.css': css('dash'),
      'static/p/id.css': css('id'),
      'static/(group)/g.css': css('group'),
      'static/größe/x.css': css('letters'),
    }
    const { out, classes } = await buildEntries({ ...scripts, ...sheets }, { entries })
    for (const [file, text] of Object.entries(scripts)) {
      const [, word] = /log\('([^']+)'\)/.exec(text as string)!
      const name = file.replace('static/', '')
      expect([name, textOf(out, name)]).toEqual([name, expect.stringContaining(word!)])
      expect(textOf(out, name.replace(/ts$/, 'js'))).toContain(word)
    }
    expect(classes('polls/app.css')).toEqual(['slash'])
    expect(classes('polls-app.css')).toEqual(['dash'])
    expect(classes('p/[id].css')).toEqual(['id'])
    expect(classes('(group)/page.css')).toEqual(['group'])
    expect(classes('größe/ñ.css')).toEqual(['letters'])
  })

  test.each([
    ['the location', { 'real/': '', static: symlink('real') }, 'real'],
    ['a folder', { 'real/': '', 'static/polls': symlink('../real') }, 'real'],
  ])('have their names where %s is a symlink', async (_what, links, folder) => {
    const inside = folder === 'real' && 'static' in links ? 'real/polls/' : 'real/'
    const { out, classes } = await buildEntries(
      {
        ...links,
        [`${inside}app.ts`]: `import './app.scss'; import x from './x.svg'; console.log(x)`,
        [`${inside}site.scss`]: css('site'),
        [`${inside}app.scss`]: `.app { background: url(./x.svg) }`,
        [`${inside}x.svg`]: `<svg>${' '.repeat(5000)}</svg>`,
      },
      { entries: ['polls/app.ts', 'polls/site.scss'] },
    )
    expect(textOf(out, 'polls/app.js')).toContain(manifestOf(out)['polls/x.svg']!.replace('polls/', ''))
    expect(sheetOf(out, 'polls/app.css')).toContain(manifestOf(out)['polls/x.svg']!.replace('polls/', ''))
    expect(classes('polls/site.css')).toEqual(['site'])
    expect(filesOf(out).filter(file => file.startsWith('assets/'))).toEqual([])
    expect(filesOf(out).filter(file => /\.(?:ts|scss)$/.test(file))).toEqual([])
  })

  test.each([false, true])(
    'have their names where files are symlinks, with preserveSymlinks: %s',
    async preserveSymlinks => {
      const { out, classes } = await buildEntries(
        {
          'shared/app.ts': `import './app.scss'; import { one } from './one'; import x from './x.svg'; console.log(one, x)`,
          'shared/app.scss': css('app'),
          'shared/one.ts': `export const one = 'number one'`,
          'shared/x.svg': `<svg>${' '.repeat(5000)}</svg>`,
          'shared/w.ts': `console.log('worker')`,
          ...Object.fromEntries(
            ['app.ts', 'app.scss', 'one.ts', 'x.svg', 'w.ts'].map(name => [
              `static/polls/${name}`,
              symlink(`../../shared/${name}`),
            ]),
          ),
          'static/other.ts': `import x from '/static/polls/x.svg'; import { one } from '/static/polls/one.ts'; console.log('other', x, one); new Worker(new URL('./polls/w.ts', import.meta.url), { type: 'module' })`,
        },
        { entries: ['polls/app.ts', 'other.ts'] },
        { resolve: { preserveSymlinks } },
      )
      expect(classes('polls/app.css')).toEqual(['app'])
      const svg = path.posix.basename(manifestOf(out)['polls/x.svg']!)
      const texts = filesOf(out).map(file => readFileSync(path.join(out, file), 'utf8'))
      expect(texts.filter(text => text.includes('number one')).length).toBe(1)
      expect(texts.some(text => text.includes(`polls/${svg}`) && text.includes('import.meta.url'))).toBe(true)
      expect(filesOf(out).filter(file => /\.(?:ts|scss)$/.test(file))).toEqual([])
      expect(
        filesOf(out)
          .filter(file => file.endsWith('.svg'))
          .sort(),
      ).toEqual([`polls/${svg}`, 'polls/x.svg'].sort())
    },
  )

  test('may be two names of one file', async () => {
    const { out, classes } = await buildEntries(
      {
        'static/a/app.ts': `import './app.css'; console.log('one file')`,
        'static/a/app.css': css('app'),
        'static/b': symlink('a'),
      },
      { entries: ['a/app.ts', 'b/app.ts'] },
    )
    expect(manifestOf(out)['b/app.ts']).toBe(manifestOf(out)['a/app.ts'])
    expect(manifestOf(out)['b/app.js']).toBe(manifestOf(out)['a/app.js'])
    expect(classes('a/app.css')).toEqual(['app'])
    expect(manifestOf(out)['b/app.css']).toBe(manifestOf(out)['a/app.css'])
  })
})

/** Files with what stylesheets are cut by. */
function leftMarks(out: string): string[] {
  return filesOf(out).filter(file => readFileSync(path.join(out, file), 'utf8').includes('--staticfiles:'))
}

/** The classes of each stylesheet that a script loads with its dynamic imports. */
function preloaded(out: string, name: string): string[][] {
  const [, list] = /\(m\.f=(\[[^\]]*\])\)/.exec(textOf(out, name))!
  const files = [...list!.matchAll(/["'`](\.[^"'`]*\.css)/g)].map(([, url]) =>
    path.posix.join(path.posix.dirname(name), url!),
  )
  return files.map(file => classesOf(readFileSync(path.join(out, file), 'utf8')))
}

/** A transformation of stylesheets, as a plugin among Vite's own does it. */
function scopes(change: (code: string) => string) {
  return (code: string, id: string) => (id.endsWith('.css') ? { code: change(code), map: null } : undefined)
}
