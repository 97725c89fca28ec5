import { copyFileSync } from 'node:fs'
import path from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import type { Page } from 'playwright-core'
import type { PluginOption } from 'vite'
import { Manifest, type Options } from 'vite-plugin-staticfiles'
import { createStaticHandler } from 'vite-plugin-staticfiles/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { vites } from '../support/bundlers.ts'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { startDevServer } from '../support/dev-server.ts'
import { project } from '../support/project.ts'
import { listen } from '../support/static-server.ts'

// A page looks the same and does the same in `vite dev` and with what `vite build` has made.

const FONT = path.resolve(
  import.meta.dirname,
  '../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
)

const square = (size: number, color: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="${size}" height="${size}" fill="${color}"/></svg>`

/** A front end with a bit of everything, in a folder whose static names these are. */
const FRONT_END = {
  'app/main.js': `import './base.css'
    import './shared.css'
    import logo from './logo.svg'
    import { start } from './components.js'
    const pages = import.meta.glob('./pages/*.js', { eager: true })
    const add = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties))
    add('img', { src: logo })
    add('img', { src: new URL('./photo.svg', import.meta.url).href })
    for (const { title } of Object.values(pages)) add('p', { textContent: title })
    add('button', { textContent: 'Lazy', onclick: () => import('./lazy.js').then(({ show }) => show(add)) })
    start(add)
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    worker.onmessage = async ({ data }) => {
      add('output', { textContent: data })
      await document.fonts.load('16px Inter')
      document.body.dataset.fonts = [...document.fonts].map(font => font.family + font.status).sort()
      document.body.dataset.done = ''
    }
    worker.postMessage(20)`,
  'app/worker.js': `import { twice } from './twice.js'
    onmessage = ({ data }) => postMessage('worker says ' + twice(data))`,
  'app/twice.js': 'export const twice = number => 2 * number',
  'app/pages/one.js': `export const title = 'Page one'`,
  'app/pages/two.js': `export const title = 'Page two'`,
  'app/lazy.js': `import './shared.css'
    import './lazy.css'
    export const show = add => add('p', { className: 'lazy shared', textContent: 'was lazy' })`,
  'app/lazy.css': '.lazy { border-left: 3px solid rgb(9, 9, 9) } .shared { padding-left: 21px }',
  'app/base.css': `@import './reset.css';
    @font-face { font-family: Inter; src: url(./inter.woff2) }
    body { font-family: Inter; background: url(./tile.svg) } p { color: rgb(1, 2, 3) } .shared { padding-left: 1px }`,
  'app/reset.css': 'p { color: red; margin: 3px } button { border: 1px solid rgb(5, 5, 5) }',
  'app/shared.css': '.shared { padding-left: 11px; background: url(/static/img/dot.svg) }',
  'app/other.js': `import './other.css'
    import './shared.css'
    document.body.append(Object.assign(document.createElement('p'), { className: 'shared', textContent: 'other' }))
    document.body.dataset.done = ''`,
  'app/other.css': '.shared { padding-left: 99px; padding-top: 7px }',
  'app/logo.svg': square(31, 'green'),
  'app/photo.svg': square(33, 'blue'),
  'app/tile.svg': square(35, 'silver'),
  'css/site.scss': `$gap: 5px; h1 { margin: $gap; &::before { content: url('../img/dot.svg') } }`,
  'plain.css': '@import "part.css"; h1 { background: url(img/dot.svg) }',
  'part.css': 'h1 { letter-spacing: 2px }',
  'img/dot.svg': square(8, 'orange'),
}

const VUE = {
  'app/components.js': `import { createApp } from 'vue'
    import Vue from './Vue.vue'
    export const start = add => { add('div', { id: 'vue' }); createApp(Vue).mount('#vue') }`,
  'app/Vue.vue': `<script setup>import { ref } from 'vue'; const count = ref(0)</script>
    <template><button @click="count++">Vue {{ count }}</button><img src="./logo.svg"></template>
    <style scoped lang="scss">$c: rgb(3, 3, 3); button { color: $c; background: url(./tile.svg) }</style>`,
}

const ALL = {
  ...VUE,
  'app/components.js': `import { createElement } from 'react'
    import { createRoot } from 'react-dom/client'
    import { mount } from 'svelte'
    import { createApp } from 'vue'
    import { Counter } from './Counter.jsx'
    import Svelte from './Svelte.svelte'
    import Vue from './Vue.vue'
    export function start(add) {
      for (const id of ['react', 'vue', 'svelte']) add('div', { id })
      createRoot(document.getElementById('react')).render(createElement(Counter))
      createApp(Vue).mount('#vue')
      mount(Svelte, { target: document.getElementById('svelte') })
    }`,
  'app/Counter.jsx': `import { useState } from 'react'
    import { counter } from './counter.module.scss'
    export function Counter() {
      const [count, setCount] = useState(0)
      return <button className={counter} onClick={() => setCount(count + 1)}>React {count}</button>
    }`,
  'app/counter.module.scss':
    '$c: rgb(2, 2, 2); .wide { padding: 4px 40px } .counter { composes: wide; color: $c }',
  'app/Svelte.svelte': `<script>let count = $state(0)</script>
    <button onclick={() => count++}>Svelte {count}</button>
    <style>button { color: rgb(4, 4, 4) }</style>`,
}

const FRAMEWORKS: Record<
  string,
  { files: Record<string, string>; plugins(): PluginOption[]; names: string[] }
> = {
  'Vite 6': { files: VUE, plugins: () => [vue()], names: ['Vue'] },
  'Vite 7': { files: VUE, plugins: () => [vue()], names: ['Vue'] },
  'Vite 8': {
    files: ALL,
    plugins: () => [react(), vue(), svelte({ configFile: false })],
    names: ['React', 'Vue', 'Svelte'],
  },
}

/** Where the front end lies, Vite's root, and the options: all below the project. */
const LAYOUTS: Record<string, { folder: string; root: string; options: Options }> = {
  'Vite’s root beside manage.py': { folder: 'assets', root: '.', options: { dirs: ['assets'] } },
  "root: './assets'": {
    folder: 'assets',
    root: 'assets',
    options: { dirs: ['.'], staticRoot: '../staticfiles' },
  },
  'frontend/ beside backend/': {
    folder: 'frontend/src',
    root: 'frontend',
    options: { dirs: ['src'], staticRoot: '../backend/staticfiles' },
  },
}

const PAGES: Record<string, string[]> = {
  '/': ['app/main.css', 'app/main.js'],
  '/deep/page/': ['app/other.css', 'app/other.js'],
}

/** A page as a template writes it. */
function html(names: readonly string[], url: (name: string) => string): string {
  const tags = ['css/site.scss', 'plain.css', ...names].map(name =>
    name.endsWith('.js')
      ? `<script type="module" src="${url(name)}"></script>`
      : `<link rel="stylesheet" href="${url(name)}">`,
  )
  return `<!doctype html><html><head>${tags.join('\n')}</head><body><h1 class="shared">Title</h1></body></html>`
}

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  const browser = useChromium()

  describe.each(Object.keys(FRAMEWORKS))('%s', version => {
    test.each(Object.keys(LAYOUTS))('pages are the same in dev and in production: %s', async layout => {
      const { files, plugins, names } = FRAMEWORKS[version]!
      const { folder, root: viteRoot, options } = LAYOUTS[layout]!
      const all = Object.entries({ ...FRONT_END, ...files })
      const base = await project(Object.fromEntries(all.map(([name, text]) => [`${folder}/${name}`, text])))
      copyFileSync(FONT, path.join(base, folder, 'app/inter.woff2'))
      const root = path.join(base, viteRoot)
      const given: Options = { entries: ['app/main.js', 'app/other.js', 'css/site.scss'], ...options }

      const { origin: django } = await listen((req, res) => {
        res.setHeader('Content-Type', 'text/html')
        res.end(html(PAGES[req.url!] ?? [], name => `/static/${name}`))
      })
      const dev = await startDevServer(
        root,
        { ...given, proxy: django },
        { version, config: { plugins: plugins() } },
      )
      const staticRoot = await vites[version]!(root, given, { plugins: plugins() })
      const production = await serveBuilt(staticRoot)
      for (const page of Object.keys(PAGES)) {
        const inDev = await visit(dev.origin + page, names)
        const inProduction = await visit(production + page, names)
        expect(inDev.problems).toEqual([])
        expect(inProduction.problems).toEqual([])
        expect(inDev.seen).toHaveLength(page === '/' ? names.length + 2 : 1)
        expect(inProduction.seen).toEqual(inDev.seen)
      }
    })
  })

  /** Visits a page, presses each button there, and returns how it looked before and after each. */
  async function visit(url: string, names: readonly string[]) {
    const { page, problems } = await watchedPage(browser())
    await page.goto(url)
    await page.locator('[data-done]').waitFor()
    await page.waitForLoadState('networkidle')
    const seen = [await look(page)]
    for (const name of (await page.getByRole('button').count()) > 0 ? names : []) {
      await page.getByRole('button', { name: `${name} 0` }).click()
      await page.getByRole('button', { name: `${name} 1` }).waitFor()
      seen.push(await look(page))
    }
    if (await page.getByText('Lazy').count()) {
      await page.getByText('Lazy').click()
      await page.getByText('was lazy').waitFor()
      await page.waitForLoadState('networkidle')
      seen.push(await look(page))
    }
    await page.close()
    return { seen, problems }
  }
})

/** Serves pages whose names lead through the manifest, and the static root below `/static/`, as in production. */
async function serveBuilt(staticRoot: string): Promise<string> {
  const manifest = Manifest.load(path.join(staticRoot, 'staticfiles.json'))
  const handler = createStaticHandler({ root: staticRoot, staticUrl: '/static/' })
  onTestFinished(() => handler.close())
  const { origin } = await listen((req, res) =>
    handler(req, res, () => {
      const names = PAGES[req.url!]
      res.writeHead(names ? 200 : 404, { 'Content-Type': 'text/html' })
      res.end(html(names ?? [], name => manifest.url(name)))
    }),
  )
  return origin
}

/** Describes each element: its text, the size of its image, and every computed style. URLs keep the name of their file alone. */
function look(page: Page): Promise<Record<string, string>[]> {
  return page.evaluate(() => {
    const elements = [document.documentElement, document.body, ...document.body.querySelectorAll('*')]
    const nameOf = (url: string) =>
      url.replace(/url\("(?:data:image\/svg\+xml[^"]*|[^"]*?([^/"]+))"\)/gu, (_, name = 'inline') => name)
    const style = (element: Element, pseudo?: string) => {
      const computed = getComputedStyle(element, pseudo)
      return Object.fromEntries(
        [...computed].map(property => [property, nameOf(computed.getPropertyValue(property))]),
      )
    }
    return elements.map(element => ({
      tag: element.tagName,
      text: element.children.length === 0 ? (element.textContent ?? '') : '',
      fonts: document.body.dataset.fonts ?? '',
      image: element instanceof HTMLImageElement ? `${element.naturalWidth} ${element.complete}` : '',
      ...style(element),
      before: JSON.stringify(style(element, '::before')),
    }))
  })
}
