import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import type { Page } from 'playwright-core'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { project } from '../support/project.ts'
import { untilWatched } from '../support/watches.ts'

const FILES = {
  'src/main.js': `import { createElement } from 'react'
    import { createRoot } from 'react-dom/client'
    import { mount } from 'svelte'
    import { createApp } from 'vue'
    import './main.css'
    import { Counter } from './Counter.jsx'
    import Svelte from './Svelte.svelte'
    import Vue from './Vue.vue'
    createRoot(document.getElementById('react')).render(createElement(Counter))
    createApp(Vue).mount('#vue')
    mount(Svelte, { target: document.getElementById('svelte') })
    document.body.dataset.url = import.meta.url`,
  'src/main.css': 'body { color: rgb(1, 1, 1) }',
  'src/Counter.jsx': `import { useState } from 'react'
    import { counter } from './größe mit blank.module.scss'
    export function Counter() {
      const [count, setCount] = useState(0)
      return <button className={counter} onClick={() => setCount(count + 1)}>React {count}</button>
    }`,
  'src/größe mit blank.module.scss': '$c: rgb(2, 2, 2); .counter { color: $c }',
  'src/Vue.vue': `<script setup>import { ref } from 'vue'; const count = ref(0)</script>
    <template><button @click="count++">Vue {{ count }}</button></template>
    <style scoped>button { color: rgb(3, 3, 3) }</style>`,
  'src/Svelte.svelte': `<script>let count = $state(0)</script>
    <button onclick={() => count++}>Svelte {count}</button>
    <style>button { color: rgb(4, 4, 4) }</style>`,
}

/** The options for a project whose sources lie in `src/`, and the static name of that folder. */
const LAYOUTS: [string, Options][] = [
  ['the sources are entries outside of locations', {}],
  ['the root of Vite is a location', { dirs: ['.'], staticRoot: '../out' }],
  ['the sources are a location', { dirs: [['src', 'src']] }],
]

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  const browser = useChromium()

  describe.each(['proxy', 'STATIC_URL'])('%s', mode => {
    test.each(LAYOUTS)(
      'components are styled, and keep their state while their styles are edited: %s',
      async (_title, options) => {
        const { page, problems, connected, edit, root } = await open(mode, options)
        await connected()
        await eventually(async () => expect(await colors(page)).toEqual([1, 2, 3, 4]))
        expect(await page.evaluate(() => document.body.dataset.url)).not.toContain(root)
        for (const name of ['React', 'Vue', 'Svelte']) await page.getByText(`${name} 0`).click()
        await edit('src/größe mit blank.module.scss', 'rgb(2, 2, 2)', 'rgb(6, 6, 6)')
        await eventually(async () => expect(await colors(page)).toEqual([1, 6, 3, 4]))
        await edit('src/Vue.vue', 'rgb(3, 3, 3)', 'rgb(7, 7, 7)')
        await eventually(async () => expect(await colors(page)).toEqual([1, 6, 7, 4]))
        await edit('src/Svelte.svelte', 'rgb(4, 4, 4)', 'rgb(8, 8, 8)')
        await eventually(async () => expect(await colors(page)).toEqual([1, 6, 7, 8]))
        await edit('src/main.css', 'rgb(1, 1, 1)', 'rgb(5, 5, 5)')
        await eventually(async () => expect(await colors(page)).toEqual([5, 6, 7, 8]))
        for (const name of ['React', 'Vue', 'Svelte']) await page.getByText(`${name} 1`).waitFor()
        await connected(1)
        expect(problems).toEqual([])
        await page.close()
      },
    )
  })

  /** Opens a page that links the CSS of the entry, as plain HTML of another server. */
  async function open(mode: string, options: Options) {
    const root = await project(FILES)
    let origin = ''
    const pages = createServer((_req, res) => {
      const url = `${mode === 'proxy' ? '' : origin}/static/src/main`
      res.setHeader('Content-Type', 'text/html')
      res.end(`<!doctype html><html><head><link rel="stylesheet" href="${url}.css">
        <script type="module" src="${url}.js"></script></head>
        <body><div id="react"></div><div id="vue"></div><div id="svelte"></div></body></html>`)
    })
    await new Promise<void>(resolve => pages.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      pages.closeAllConnections()
      pages.close()
    })
    const django = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
    const dev = await startDevServer(
      root,
      { entries: ['src/main.js'], ...options, ...(mode === 'proxy' && { proxy: django }) },
      {
        config: {
          plugins: [react(), vue(), svelte({ configFile: false })],
          optimizeDeps: { include: ['react', 'react/jsx-dev-runtime', 'react-dom/client', 'vue', 'svelte'] },
        },
      },
    )
    origin = dev.origin
    const watched = await watchedPage(browser())
    await watched.page.goto(mode === 'proxy' ? origin : django)
    const edit = async (file: string, from: string, to: string) => {
      const full = path.join(root, file)
      await untilWatched(full)
      writeFileSync(full, readFileSync(full, 'utf8').replace(from, to))
    }
    return { ...watched, root, edit }
  }
})

/** The first number in the colour of the body and of each button. */
function colors(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body, button')].map(each =>
      Number(/\d+/.exec(getComputedStyle(each).color)?.[0]),
    ),
  )
}
