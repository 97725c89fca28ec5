import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { parse } from 'es-module-lexer'
import { Manifest } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { type Bundler, bundlers, vites } from '../support/bundlers.ts'
import { filesOf } from '../support/files-of.ts'
import { tree } from '../support/tree.ts'

/** Larger than what Vite inlines. */
const image = (seed: string) => seed.repeat(5000)

const site = {
  'polls/static/polls/app.ts': `
    import './app.scss'
    import { label } from './label'
    import ballot from '/static/img/ballot.png'
    console.log(label as string, ballot)
    import('./lazy').then(({ later }) => later())
    new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  `,
  'polls/static/polls/label.ts': `export const label: string = 'label'`,
  'polls/static/polls/lazy.ts': `import './lazy.css'; export function later(): void { console.log('later') }`,
  'polls/static/polls/lazy.css': '.lazy { color: red }',
  'polls/static/polls/worker.ts': 'postMessage(1 as number)',
  'polls/static/polls/app.scss': `@use 'parts'; .a { .b { background: url(/static/img/ballot.png#x) } }`,
  'polls/static/polls/_parts.scss': '.part { background: url("/static/img/part.png") }',
  'polls/static/polls/plain.css': '.plain { background: url("../img/ballot.png") }',
  'polls/static/polls/plain.js': `import './other.js'`,
  'polls/static/polls/other.js': 'console.log(1)',
  'static/deep/er/page.ts': `import './page.css'`,
  'static/deep/er/page.css': '.page { background: url(../../img/site.png) }',
  'static/css/site.scss': `@import './reset.css'; .site { background: url(../img/site.png) }`,
  'static/css/reset.css': 'html { background: url(/static/img/reset.png) }',
  'static/img/ballot.png': image('ballot'),
  'static/img/part.png': image('part'),
  'static/img/site.png': image('site'),
  'static/img/reset.png': image('reset'),
}
const siteOptions = {
  dirs: ['static'],
  apps: ['polls'],
  entries: ['polls/app.ts', 'css/site.scss', 'deep/er/page.ts'],
  compress: false,
} as const

/** What every build writes beside the files. */
const OWN_FILES = ['staticfiles.index.json', 'staticfiles.json']

describe.each(Object.entries(bundlers))('a project without entries, %s', (_name, build) => {
  const files = {
    'polls/static/polls/style.css': 'a { background: url(img/a.png) }',
    'polls/static/polls/img/a.png': 'png',
    'polls/static/polls/module.js': `import './helper.js'\n`,
    'polls/static/polls/helper.js': 'export {}\n',
  }

  test('needs nothing but the plugin and gets no chunk', async () => {
    const out = await build(await tree(files), { apps: ['polls'], compress: false, css: 'preserve' })
    const style = hashed('polls/style.css', `a { background: url("img/${md5('png', 'a', '.png')}") }`)
    expect(filesOf(out)).toEqual(
      [
        ...Object.keys(files).map(file => file.replace('polls/static/', '')),
        ...[style, hashed('polls/img/a.png', 'png'), hashed('polls/helper.js', 'export {}\n')],
        hashed('polls/module.js', `import './${md5('export {}\n', 'helper', '.js')}'\n`),
        ...OWN_FILES,
      ].sort(),
    )
    expect(paths(out)['polls/style.css']).toBe(style)
  })

  test('gives the plain and the hashed name one inode where they share their bytes', async () => {
    const out = await build(await tree(files), { apps: ['polls'], compress: false })
    const inode = (name: string) => statSync(path.join(out, name)).ino
    expect(inode('polls/img/a.png')).toBe(inode(paths(out)['polls/img/a.png']!))
    expect(inode('polls/style.css')).not.toBe(inode(paths(out)['polls/style.css']!))
  })

  test('drops the plain names on request', async () => {
    const out = await build(await tree(files), { apps: ['polls'], compress: false, keepUnhashed: false })
    expect(filesOf(out)).toEqual([...Object.values(paths(out)), ...OWN_FILES].sort())
  })

  test('writes nothing in a dry run, and still fails for a missing reference', async () => {
    const root = await tree(files)
    expect(existsSync(await build(root, { apps: ['polls'], dryRun: true }))).toBe(false)
    await rm(path.join(root, 'polls/static/polls/img/a.png'))
    const broken = build(root, { apps: ['polls'], dryRun: true })
    await expect(broken).rejects.toThrow(/style\.css:1:17 .*no file is named polls\/img\/a\.png/s)
  })

  test('copies without hashes on request, with a manifest of plain names', async () => {
    const out = await build(await tree(files), { apps: ['polls'], compress: false, hash: false })
    expect(filesOf(out)).toEqual([...Object.keys(paths(out)), 'staticfiles.json'].sort())
    expect(Object.entries(paths(out)).every(([name, hashedName]) => name === hashedName)).toBe(true)
  })

  test.each(['symbolic', 'hard'] as const)('links what needs no rewriting: %s', async link => {
    const root = await tree(files)
    const out = await build(root, { apps: ['polls'], compress: false, link })
    const source = statSync(path.join(root, 'polls/static/polls/img/a.png')).ino
    expect(statSync(path.join(out, paths(out)['polls/img/a.png']!)).ino).toBe(source)
    expect(statSync(path.join(out, paths(out)['polls/style.css']!)).isFile()).toBe(true)
  })

  test('writes siblings that decode to the file', async () => {
    const css = 'a { color: red }\n'.repeat(200)
    const out = await build(await tree({ 'static/a.css': css }), { dirs: ['static'] })
    for (const name of ['a.css', paths(out)['a.css']!]) {
      expect(gunzipSync(readFileSync(path.join(out, `${name}.gz`))).toString()).toBe(css)
      expect(brotliDecompressSync(readFileSync(path.join(out, `${name}.br`))).toString()).toBe(css)
    }
  })

  test('leaves the release of before usable when it fails', async () => {
    const root = await tree(files)
    const config = { build: { emptyOutDir: false } }
    const out = await build(root, { apps: ['polls'], compress: false }, config)
    const before = contents(out)
    await writeFile(path.join(root, 'polls/static/polls/style.css'), 'a { background: url(gone.png) }')
    await expect(build(root, { apps: ['polls'], compress: false }, config)).rejects.toThrow('gone.png')
    expect(contents(out)).toEqual(before)
  })
})

describe.each(Object.entries(vites))('bundles, %s', (_name, build) => {
  test('have Django-shaped names, and each name without its hash is a key of the manifest', async () => {
    const { out, manifest } = await buildSite(build)
    expect(manifest['polls/app.ts']).toMatch(/^polls\/app\.[0-9a-f]{12}\.js$/)
    expect(manifest['polls/app.js']).toBe(manifest['polls/app.ts'])
    expect(manifest['polls/app.css']).toMatch(/^polls\/app\.[0-9a-f]{12}\.css$/)
    expect(manifest['css/site.scss']).toBe(manifest['css/site.css'])
    expect(manifest['polls/lazy.js']).toMatch(/^polls\/lazy\.[0-9a-f]{12}\.js$/)
    expect(manifest['polls/worker.js']).toMatch(/^polls\/worker\.[0-9a-f]{12}\.js$/)
    const named = new Set(Object.values(manifest))
    const strays = filesOf(out).filter(file => /\.[0-9a-f]{12}\./.test(file) && !named.has(file))
    expect(strays).toEqual([])
    for (const file of named) expect(manifest[file.replace(/\.[0-9a-f]{12}(?=\.[^.]+$)/, '')]).toBe(file)
  })

  test('share one file with what is collected', async () => {
    const { out, manifest } = await buildSite(build)
    expect(manifest['img/ballot.png']).toBe(hashed('img/ballot.png', image('ballot')))
    const copies = filesOf(out).filter(file => statSync(path.join(out, file)).size === image('ballot').length)
    expect(copies).toEqual([manifest['img/ballot.png'], 'img/ballot.png'])
    const script = readFileSync(path.join(out, manifest['polls/app.ts']!), 'utf8')
    expect(script).toContain(path.basename(manifest['img/ballot.png']!))
  })

  test('find url(/static/…) through the finders, in partials and imported stylesheets too', async () => {
    const { out, manifest } = await buildSite(build)
    expect(urlsOf(out, manifest['polls/app.css']!)).toEqual([
      manifest['img/part.png'],
      `${manifest['img/ballot.png']}#x`,
    ])
    expect(urlsOf(out, manifest['css/site.css']!)).toEqual([
      manifest['img/reset.png'],
      manifest['img/site.png'],
    ])
    expect(urlsOf(out, manifest['deep/er/page.css']!)).toEqual([manifest['img/site.png']])
  })

  test('keep their sources out of the static root, unless a browser can read them', async () => {
    const { out } = await buildSite(build)
    expect(filesOf(out).filter(file => /\.(?:ts|scss)$/.test(file))).toEqual([])
    expect(filesOf(out)).toContain('polls/lazy.css')
  })

  test("leave Vite's own manifest right", async () => {
    const { out } = await buildSite(build, { build: { manifest: true } })
    const chunks = Object.values(JSON.parse(readFileSync(path.join(out, '.vite/manifest.json'), 'utf8'))) as {
      file: string
      css?: string[]
      assets?: string[]
    }[]
    const files = chunks.flatMap(chunk => [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])])
    expect(files.length).toBeGreaterThan(5)
    expect(files.filter(file => !existsSync(path.join(out, file)))).toEqual([])
  })

  test('and collected modules are each reachable under one URL', async () => {
    const { out, manifest } = await buildSite(build)
    const scripts = Object.values(manifest).filter(file => file.endsWith('.js'))
    const imported = scripts.flatMap(script => importsOf(out, script))
    expect(imported.length).toBeGreaterThan(2)
    const hashedNames = new Set(Object.values(manifest))
    expect(imported.filter(file => !hashedNames.has(file))).toEqual([])
  })

  test('hold no absolute URL, so that they serve from any prefix and host', async () => {
    const { out } = await buildSite(build)
    const hashedFiles = filesOf(out).filter(file => /\.[0-9a-f]{12}\.(?:js|css)$/.test(file))
    const texts = hashedFiles.map(file => readFileSync(path.join(out, file), 'utf8'))
    expect(texts.length).toBeGreaterThan(5)
    expect(texts.filter(text => text.includes('/static/'))).toEqual([])
  })

  test('come out the same twice', async () => {
    const [one, two] = [await buildSite(build), await buildSite(build)]
    expect(contents(one.out)).toEqual(contents(two.out))
  })

  test('of the same name get different names', async () => {
    const root = await tree({
      'polls/static/polls/app.ts': `import('../../../a/page').then(console.log); import('../../../b/page').then(console.log)`,
      'a/page.ts': `import './page.css'; import picture from './picture.png'; export default picture + 'a'`,
      'b/page.ts': `import './page.css'; import picture from './picture.png'; export default picture + 'b'`,
      'a/page.css': 'a { color: red }',
      'b/page.css': 'b { color: red }',
      'a/picture.png': image('a'),
      'b/picture.png': image('b'),
    })
    const out = await build(root, { apps: ['polls'], entries: ['polls/app.ts'], compress: false })
    const names = Object.keys(paths(out)).filter(name => name.startsWith('assets/'))
    const expected = ['page-2.css', 'page-2.js', 'page.css', 'page.js', 'picture-2.png', 'picture.png']
    expect(names).toEqual(expect.arrayContaining(expected.map(name => `assets/${name}`)))
  })

  test('that share CSS get a stylesheet that loads all of it', async () => {
    const root = await tree({
      'p/static/p/one.ts': `import './shared'; import './one.css'`,
      'p/static/p/two.ts': `import './shared'`,
      'p/static/p/shared.ts': `import './shared.css'; console.log('shared')`,
      'p/static/p/shared.css': '.shared { color: red }',
      'p/static/p/one.css': '.one { color: red }',
    })
    const out = await build(root, { apps: ['p'], entries: ['p/one.ts', 'p/two.ts'], compress: false })
    const one = flatten(out, paths(out)['p/one.css']!)
    expect(one.indexOf('.shared')).toBeGreaterThan(-1)
    expect(one.indexOf('.one')).toBeGreaterThan(one.indexOf('.shared'))
    expect(flatten(out, paths(out)['p/two.css']!)).toContain('.shared')
  })

  test('of a script and a stylesheet that make the same file fail', async () => {
    const root = await tree({
      'p/static/p/app.ts': `import './own.css'`,
      'p/static/p/own.css': 'a { color: red }',
      'p/static/p/app.scss': 'b { color: red }',
    })
    const broken = build(root, { apps: ['p'], entries: ['p/app.ts', 'p/app.scss'] })
    await expect(broken).rejects.toThrow('p/app.ts and p/app.scss both make p/app.css')
  })

  test('of entries without a source fail with all of them and the folders searched', async () => {
    const root = await tree({ 'polls/static/polls/app.ts': '' })
    const broken = build(root, { apps: ['polls'], entries: ['polls/ap.ts', 'polls/app.ts', 'other.ts'] })
    await expect(broken).rejects.toThrow(
      /entries have no source\n {2}polls\/ap\.ts\n {2}other\.ts\nSearched: .*polls\/static/,
    )
  })

  test('keep an input and a base that the user sets', async () => {
    const root = await tree({ 'main.ts': `console.log('main')`, 'static/a.txt': 'a' })
    const config = {
      base: 'https://cdn.example.com/',
      build: { rollupOptions: { input: path.join(root, 'main.ts') } },
    }
    const out = await build(root, { dirs: ['static'], compress: false }, config)
    expect(paths(out)['assets/main.js']).toMatch(/^assets\/main\.[0-9a-f]{12}\.js$/)
  })

  test('for a server stay out of the static root', async () => {
    const root = await tree({ 'server.ts': 'export const answer = 42', 'static/a.css': '' })
    const out = await build(root, { dirs: ['static'] }, { build: { ssr: 'server.ts' } })
    expect(existsSync(out)).toBe(false)
    expect(filesOf(path.join(root, 'dist'))).toHaveLength(1)
  })

  test('write the names for TypeScript on request', async () => {
    const root = await tree({ 'static/a.css': '' })
    await build(root, { dirs: ['static'], compress: false, types: 'static-names.d.ts' })
    expect(await readFile(path.join(root, 'static-names.d.ts'), 'utf8')).toContain('a.css')
  })
})

describe('Manifest', () => {
  test('reads what a build wrote', async () => {
    const { out, manifest } = await buildSite(vites['Vite 8']!)
    const loaded = Manifest.load(path.join(out, 'staticfiles.json'))
    expect(loaded.url('polls/app.ts')).toBe(`/static/${manifest['polls/app.ts']}`)
  })
})

async function buildSite(build: Bundler, config = {}) {
  const out = await build(await tree(site), siteOptions, config)
  return { out, manifest: paths(out) }
}

function paths(out: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(out, 'staticfiles.json'), 'utf8')).paths
}

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesOf(folder).map(file => [file, readFileSync(path.join(folder, file), 'latin1')]),
  )
}

function hashed(name: string, content: string): string {
  const { dir, name: stem, ext } = path.posix.parse(name)
  return path.posix.join(dir, md5(content, stem, ext))
}

function md5(content: string, stem: string, extension: string): string {
  return `${stem}.${createHash('md5').update(content).digest('hex').slice(0, 12)}${extension}`
}

function importsOf(out: string, script: string): string[] {
  const [imports] = parse(readFileSync(path.join(out, script), 'utf8'))
  const specifiers = imports.map(each => each.specifier).filter(each => each?.startsWith('.'))
  return specifiers.map(specifier => path.posix.join(path.posix.dirname(script), specifier as string))
}

function urlsOf(out: string, file: string): string[] {
  const urls = readFileSync(path.join(out, file), 'utf8').matchAll(/url\("?([^")]+)"?\)/g)
  return [...urls].map(([, url]) => path.posix.join(path.posix.dirname(file), url!))
}

/** A stylesheet with what it imports in its place. */
function flatten(out: string, file: string): string {
  const css = readFileSync(path.join(out, file), 'utf8')
  return css.replace(/@import url\("([^"]+)"\);/g, (_, url) =>
    flatten(out, path.posix.join(path.posix.dirname(file), url)),
  )
}
