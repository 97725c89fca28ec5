import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { Manifest } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withVersion } from '../../src/base/stored-file.ts'
import { bundlers, vites } from '../support/bundlers.ts'
import { useChromium } from '../support/chromium.ts'
import { filesOf } from '../support/files-of.ts'
import { hashTree } from '../support/hash-tree.ts'
import { describeEachDjango, runPython } from '../support/live-django.ts'
import { freePort } from '../support/processes.ts'
import { addTo, type Tree, tree } from '../support/tree.ts'

const OPTIONS = { dirs: ['static'], hash: 'query', css: 'preserve', compress: false } as const
const VERSION = expect.stringMatching(/^[0-9a-f]{12}$/)

test.each([
  ['a.css', 'a.css?v=1'],
  ['a.css?x', 'a.css?x&v=1'],
  ['a.svg?x=1#icon', 'a.svg?x=1&v=1#icon'],
  ['a.eot?#iefix', 'a.eot?v=1#iefix'],
  ['a.svg#icon?x', 'a.svg?v=1#icon?x'],
  ['', '?v=1'],
])('the version comes behind the query: %s', (url, versioned) => {
  expect(withVersion(url, '1')).toBe(versioned)
  expect(withVersion(url, undefined)).toBe(url)
})

const FILES: Tree = {
  'static/css/site.css':
    '@import "base.css";a{b:url(../img/a.png)}c{d:url("../img/a.svg?x#i")}@font-face{src:url(f.eot?#iefix)}',
  'static/css/base.css': 'a{b:url("/static/img/a.png#top")}',
  'static/css/f.eot': 'eot',
  'static/img/a.png': 'png',
  'static/img/a.svg': '<svg/>',
  'static/js/one.js': 'import "./two.js"\n//# sourceMappingURL=one.js.map\n',
  'static/js/one.js.map': '{"version":3,"file":"one.js","sources":[],"mappings":""}',
  'static/js/two.js': 'import("./one.js")',
}

describe.each(Object.entries(bundlers))('%s', (_, bundle) => {
  test('keeps all names, and puts the versions on references', async () => {
    const out = await bundle(await tree(FILES), OPTIONS)
    const written = filesOf(out)
    expect(written).toEqual([...namesOf(FILES), 'staticfiles.index.json', 'staticfiles.json'].sort())
    const manifest = JSON.parse(readFileSync(`${out}/staticfiles.json`, 'utf8'))
    expect(Object.entries(manifest.paths).every(([name, stored]) => name === stored)).toBe(true)
    const versions: Record<string, string> = manifest.versions
    expect(versions).toEqual(Object.fromEntries(namesOf(FILES).map(name => [name, VERSION])))
    const v = (name: string) => `v=${versions[name]}`
    const read = (name: string) => readFileSync(path.join(out, name), 'utf8')
    expect(read('css/site.css')).toBe(
      `@import url("base.css?${v('css/base.css')}");a{b:url("../img/a.png?${v('img/a.png')}")}` +
        `c{d:url("../img/a.svg?x&${v('img/a.svg')}#i")}@font-face{src:url("f.eot?${v('css/f.eot')}#iefix")}`,
    )
    expect(read('css/base.css')).toBe(`a{b:url("../img/a.png?${v('img/a.png')}#top")}`)
    expect(read('js/one.js')).toBe(
      `import "./two.js?${v('js/two.js')}"\n//# sourceMappingURL=one.js.map?${v('js/one.js.map')}\n`,
    )
    expect(read('js/two.js')).toBe(`import("./one.js?${v('js/one.js')}")`)
    expect(read('js/one.js.map')).toBe(FILES['static/js/one.js.map'])
  })
})

test('a change gives new versions to the file, to what refers to it, and to the whole', async () => {
  const root = await tree(FILES)
  const build = async () => Manifest.load(`${await bundlers['Vite 8']!(root, OPTIONS)}/staticfiles.json`)
  const before = await build()
  writeFileSync(`${root}/static/img/a.svg`, '<svg></svg>')
  const after = await build()
  const changed = namesOf(FILES).filter(name => before.url(name) !== after.url(name))
  expect(changed).toEqual(['css/site.css', 'img/a.svg'])
  expect(after.hash).not.toBe(before.hash)
  expect((await build()).hash).toBe(after.hash)
})

test('a minified stylesheet has versions too', async () => {
  const files = { 'a.css': 'a { background: url(b.png) }', 'b.png': 'b' }
  const { text } = await hashTree(files, { css: 'lightningcss', hash: 'query' })
  expect(text('a.css')).toMatch(/^a\{background:url\("b\.png\?v=[0-9a-f]{12}"\)\}$/)
})

test('Manifest.url() adds the version; names, queries and fragments stay', async () => {
  const out = await bundlers['Vite 8']!(await tree(FILES), OPTIONS)
  const { versions } = JSON.parse(readFileSync(`${out}/staticfiles.json`, 'utf8'))
  const manifest = Manifest.load(`${out}/staticfiles.json`, { staticUrl: 'https://cdn.test/s/' })
  const v = (name: string) => `v=${versions[name]}`
  expect(manifest.url('img/a.png')).toBe(`https://cdn.test/s/img/a.png?${v('img/a.png')}`)
  expect(manifest.url('img/a.svg?x#i')).toBe(`https://cdn.test/s/img/a.svg?x&${v('img/a.svg')}#i`)
  expect(manifest.url('css/f.eot?#iefix')).toBe(`https://cdn.test/s/css/f.eot?${v('css/f.eot')}#iefix`)
  expect(manifest.url('img/')).toBe('https://cdn.test/s/img/')
  expect(manifest.storedName('img/a.png')).toBe('img/a.png')
  expect(() => manifest.url('img/none.png')).toThrow('Missing staticfiles manifest entry')
})

test('with hashed names there are no versions', async () => {
  const out = await bundlers['Vite 8']!(await tree(FILES), { ...OPTIONS, hash: true })
  expect(readFileSync(`${out}/staticfiles.json`, 'utf8')).not.toContain('versions')
  expect(Manifest.load(`${out}/staticfiles.json`).url('img/a.png')).toMatch(/^\/static\/img\/a\.\w{12}\.png$/)
})

test('`keepUnhashed: false` contradicts it', async () => {
  const build = bundlers['Vite 8']!(await tree(FILES), { ...OPTIONS, keepUnhashed: false })
  await expect(build).rejects.toThrow("`hash: 'query'` keeps all names plain")
})

describeEachDjango('the storage of docs/versions.md', ({ python }) => {
  test('gives the URLs that Manifest.url() gives', async () => {
    const root = await tree({ ...FILES, 'static/a b.txt': 'x' })
    const static_root = await bundlers['Vite 8']!(root, OPTIONS)
    const manifest = Manifest.load(`${static_root}/staticfiles.json`)
    const names = [...manifest.names, 'img/a.svg#i', 'img/a.svg?x', 'css/f.eot?#iefix', 'img/']
    const source = readFileSync(path.resolve(import.meta.dirname, '../../docs/versions.md'), 'utf8')
      .split('```python\n')[1]!
      .split('```')[0]
    const script = path.resolve(import.meta.dirname, '../django/storage_urls.py')
    const site = { source, storage: 'mysite.storage.VersionedStaticFilesStorage', static_root, names }
    const urls = await runPython<string[]>(python, script, site)
    expect(urls).toEqual(names.map(name => manifest.url(name)))
    const stock = 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'
    const plain = await runPython<string[]>(python, script, { ...site, storage: stock })
    expect(plain.slice(0, 3)).toEqual(names.slice(0, 3).map(name => `/static/${name}`))
  })
})

/** The chunk of `lazy.ts` imports what `app.ts` exports, and so the chunk of the entry. */
const ENTRIES: Tree = {
  'static/polls/app.ts': `
import './app.css'
import logo from '/static/img/logo.png'
const w = globalThis as any
w.runs = (w.runs ?? 0) + 1
export const answer: number = 42
w.logo = logo
import('./lazy.ts').then(({ twice }) => { document.title = \`\${twice} \${w.runs}\` })
`,
  'static/polls/lazy.ts': "import { answer } from './app.ts'\nexport const twice = answer * 2\n",
  'static/polls/app.css': 'body { color: rgb(1, 2, 3) }',
  'static/polls/alone.ts': 'globalThis.greeting = "hello" as string\n',
  'static/css/site.css': 'h1 { background: url(../img/logo.png) }',
  'static/img/logo.png': 'png'.repeat(3000),
  'static/plain.js': 'import "./polls/app.ts"\nglobalThis.plain = globalThis.runs\n',
}
const NAMES = ['polls/app.ts', 'polls/alone.ts', 'css/site.css']

describe.each(Object.entries(vites))('entries of %s', (_, bundle) => {
  const chromium = useChromium()

  test('have plain names, and no module is loaded under two URLs', async () => {
    const root = await tree(ENTRIES)
    const out = await bundle(root, { ...OPTIONS, entries: NAMES })
    const manifest = Manifest.load(`${out}/staticfiles.json`)
    for (const name of ['polls/app.js', 'polls/app.css', 'polls/alone.js', 'css/site.css']) {
      expect(existsSync(path.join(out, name)), name).toBe(true)
      expect(manifest.url(name)).toMatch(new RegExp(`^/static/${name.replace('.', '\\.')}\\?v=[0-9a-f]{12}$`))
    }
    expect(manifest.url('polls/app.ts')).toBe(manifest.url('polls/app.js'))
    // Nothing imports it, so that it needs no second request.
    expect(readFileSync(path.join(out, 'polls/alone.js'), 'utf8')).toContain('hello')

    const urls = await visit(out, manifest)
    expect(urls.title).toBe('84 1')
    expect(urls.color).toBe('rgb(1, 2, 3)')
    expect(urls.plain).toBe(1)
    expect(urls.failed).toEqual([])
    // The logo of the script and that of the stylesheet.
    expect(urls.requested.filter(url => url.includes('logo'))).toHaveLength(1)
    const modules = urls.requested.filter(url => /\.js/.test(url) && !/plain/.test(url))
    expect(new Set(modules).size).toBe(modules.length)
  })

  test('get another version with their content', async () => {
    const root = await tree(ENTRIES)
    const build = async () =>
      Manifest.load(`${await bundle(root, { ...OPTIONS, entries: NAMES })}/staticfiles.json`)
    const before = await build()
    await addTo(root, { 'static/polls/alone.ts': 'globalThis.greeting = 1' })
    const after = await build()
    expect(after.url('polls/alone.ts')).not.toBe(before.url('polls/alone.ts'))
    expect(after.url('polls/app.ts')).toBe(before.url('polls/app.ts'))
  })

  /** What a page shows that uses all of them. */
  async function visit(out: string, manifest: Manifest) {
    const html = `<title>…</title><link rel="icon" href="data:,">
      <link rel="stylesheet" href="${manifest.url('polls/app.css')}"><link rel="stylesheet" href="${manifest.url('css/site.css')}">
      <h1>x</h1><script type="module" src="${manifest.url('polls/app.ts')}"></script>
      <script type="module" src="${manifest.url('plain.js')}"></script>`
    const port = await freePort()
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://x')
      const file = path.join(out, pathname.replace('/static/', ''))
      const types: Record<string, string> = {
        '.js': 'text/javascript',
        '.css': 'text/css',
        '.png': 'image/png',
      }
      if (pathname !== '/' && !existsSync(file)) return response.writeHead(404).end()
      response.setHeader('Content-Type', types[path.extname(pathname)] ?? 'text/html')
      return response.end(pathname === '/' ? html : readFileSync(file))
    })
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const page = await chromium().newPage()
    const requested: string[] = []
    const failed: string[] = []
    page.on('response', response => {
      requested.push(response.url())
      if (response.status() >= 400) failed.push(response.url())
    })
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForFunction('document.title !== "…" && globalThis.plain !== undefined')
    const [color, plain] = await Promise.all(
      ['getComputedStyle(document.body).color', 'globalThis.plain'].map(code => page.evaluate(code)),
    )
    const title = await page.title()
    await page.close()
    return { title, color, plain, requested, failed }
  }
})

function namesOf(files: Tree): string[] {
  return Object.keys(files).map(file => file.replace('static/', ''))
}
