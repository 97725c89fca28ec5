import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test, vi } from 'vitest'
import { type DevServer, devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { project } from '../support/project.ts'
import { rawRequest } from '../support/raw-request.ts'
import type { Tree } from '../support/tree.ts'
import { untilWatched } from '../support/watches.ts'

/** What Chromium and Firefox alike send for `<link rel=stylesheet>`, and for an `import` in a module. */
const LINK = { accept: 'text/css,*/*;q=0.1', 'sec-fetch-dest': 'style', 'sec-fetch-mode': 'no-cors' }
const IMPORT = { accept: '*/*', 'sec-fetch-dest': 'script', 'sec-fetch-mode': 'cors' }

/** What browsers send to a host other than `localhost` without HTTPS. */
const PLAIN_LINK = { accept: 'text/css,*/*;q=0.1' }
const PLAIN_IMPORT = { accept: '*/*' }

const virtual: Plugin = {
  name: 'virtual',
  resolveId: id => (id === 'virtual:x' ? '\0virtual:x' : undefined),
  load: id => (id === '\0virtual:x' ? 'import "/static/beyond.css"; export const x = 1' : undefined),
}

const head: Plugin = {
  name: 'head',
  transformIndexHtml: () => [
    { tag: 'script', attrs: { type: 'module' }, children: 'window.preamble = true' },
  ],
}

describe.each(Object.keys(devVites))('with %s', version => {
  async function start(files: Tree, options: Options, plugins: unknown[] = []) {
    const root = await project(files)
    const dev = await startDevServer(root, options, { version, config: { plugins: plugins as Plugin[] } })
    return { ...dev, root, ...askers(dev) }
  }

  test('virtual modules are walked as Vite walks them, and what they import is in the CSS of the entry', async () => {
    const { text } = await start(
      {
        'static/main.js': 'import "virtual:x"; import "./main.css"',
        'static/main.css': 'p { color: red }',
        'static/beyond.css': 'b { color: red }',
      },
      { dirs: ['static'], entries: ['main.js'] },
      [virtual],
    )
    expect(await text('main.css', LINK)).toMatch(/b \{ color: red \}\s*p \{ color: red \}/)
    expect(await text('main.js', IMPORT)).toContain('export * from')
  })

  test('the CSS of a dependency that Vite optimizes is in that of the entry', async () => {
    const { text } = await start(
      {
        'static/main.js': 'import "lib"; import "./main.css"',
        'static/main.css': 'p { color: red }',
        'node_modules/lib/package.json':
          '{ "name": "lib", "version": "1.0.0", "type": "module", "main": "lib.js" }',
        'node_modules/lib/lib.js': 'import "./lib.css"; export const lib = 1',
        'node_modules/lib/lib.css': 'b { color: red }',
      },
      { dirs: ['static'], entries: ['main.js'] },
    )
    expect(await text('main.css', LINK)).toMatch(/b \{ color: red \}\s*p \{ color: red \}/)
    expect(await text('main.js', IMPORT)).toContain('lib.css')
  })

  test('a module that cannot be transformed takes neither the preamble nor the other CSS away', async () => {
    const { text, output } = await start(
      {
        'static/main.js': `import './broken.js'; import './broken.scss'; import './main.css'
          export const one = 1
          export default 2`,
        'static/broken.js': 'import "./nowhere.js"',
        'static/broken.scss': 'p { color: $none }',
        'static/main.css': 'p { color: red }',
      },
      { dirs: ['static'], entries: ['main.js'] },
      [head],
    )
    const facade = await text('main.js', IMPORT)
    expect(facade).toContain('import "/static/__staticfiles/head.js"')
    expect(facade).toContain('const entry = await import("/static/static/main.js")')
    expect(facade).toMatch(/entry\["one"\]; export \{ export\d as "one" \}/)
    expect(facade).toMatch(/entry\["default"\]; export \{ export\d as "default" \}/)
    expect(facade).toContain(`adoptStyles("/static/main.css"`)
    expect(await text('__staticfiles/head-0.js')).toContain('window.preamble = true')
    expect(await text('main.css', LINK)).toContain('p { color: red }')
    expect(output.join('\n')).toMatch(/main\.css may lack CSS, because a module of main\.js .*nowhere\.js/)
  })

  describe.each([
    ['an entry outside of locations', { 'frontend/main.js': 'import "./main.css"' }, {}, 'frontend/main'],
    [
      'the root of Vite as a location',
      { 'src/main.js': 'import "./main.css"' },
      { dirs: ['.'], staticRoot: '../out' },
      'src/main',
    ],
  ] as [string, Tree, Options, string][])('one URL of %s', (_title, files, options, stem) => {
    const start2 = () =>
      start(
        { ...files, [`${stem}.css`]: 'p { color: red }', 'src/classic.js': 'var classic = 1' },
        { entries: [`${stem}.js`], ...options },
      )

    test('is CSS for a page and a module for a module', async () => {
      const { get, text } = await start2()
      await text(`${stem}.js`, IMPORT)
      for (const headers of [LINK, PLAIN_LINK]) {
        const response = await get(`${stem}.css`, headers)
        expect(response.headers.get('content-type')).toMatch(/^text\/css/)
        expect(response.headers.get('vary')).toContain('Sec-Fetch-Dest, Accept')
        expect(await response.text()).toContain('p { color: red }')
      }
      for (const headers of [IMPORT, PLAIN_IMPORT]) {
        const response = await get(`${stem}.css`, headers)
        expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
        expect(await response.text()).toContain('__vite__updateStyle')
        expect(response.headers.get('vary')).toContain('Sec-Fetch-Dest, Accept')
      }
      const again = await get(`${stem}.css?t=1700000000000`, IMPORT)
      expect(again.headers.get('content-type')).toMatch(/^text\/javascript/)
    })

    test('is the facade by the name of a script, and its module by what the facade names: no path of the machine', async () => {
      const { text, root } = await start2()
      const facade = await text(`${stem}.js`, IMPORT)
      const [, url = ''] = /export \* from "\/static\/([^"]+)"/.exec(facade) ?? []
      expect(facade.replaceAll(`${root}/${stem}.css`, '')).not.toContain(root)
      expect(await text(url, IMPORT)).toContain('import "/static/')
      expect(await text(`${stem}.js?t=1700000000000`, IMPORT)).toContain('import "/static/')
    })
  })

  test('a script without type=module is served as it is, though a module of Vite has its URL', async () => {
    const { text, origin } = await start(
      { 'main.js': 'import "./classic.js"', 'classic.js': 'var a = process.env.NODE_ENV // as it is' },
      { dirs: ['.'], staticRoot: '../out', entries: ['main.js'] },
    )
    await text('main.js', IMPORT)
    // Node's own `fetch` sets a mode.
    const classic = await rawRequest(origin, [
      'GET /static/classic.js HTTP/1.1',
      `Host: ${new URL(origin).host}`,
      ...['Accept: */*', 'Sec-Fetch-Dest: script', 'Sec-Fetch-Mode: no-cors', 'Connection: close'],
    ])
    expect(classic).toMatch(/var a = process\.env\.NODE_ENV \/\/ as it is$/)
    expect(await text('classic.js', IMPORT)).not.toBe('var a = process.env.NODE_ENV // as it is')
  })

  test('the CSS of Vue components is in that of the entry', async () => {
    const { text } = await start(
      {
        'frontend/main.js': 'import App from "./App.vue"; console.log(App)',
        'polls/static/img/x.png': 'png',
        'frontend/App.vue': `<template><p :class="$style.p">x</p></template>
          <style scoped>p { color: rgb(1, 2, 3); background: url(/static/img/x.png) }</style>
          <style module>.p { color: rgb(4, 5, 6) }</style>
          <style lang="scss">$c: rgb(7, 8, 9); b { i { color: $c } }</style>`,
      },
      { apps: ['polls'], entries: ['frontend/main.js'] },
      [vue()],
    )
    const css = await text('frontend/main.css', LINK)
    expect(css).toMatch(
      /p\[data-v-\w+\] \{ color: rgb\(1, 2, 3\); background: url\("?[^)]*\/static\/polls\/static\/img\/x\.png"?\)/,
    )
    expect(css).toMatch(/\._p_\w+ \{ color: rgb\(4, 5, 6\)/)
    expect(css).toMatch(/b i \{\s*color: rgb\(7, 8, 9\)/)
    expect(await text('frontend/main.js', IMPORT)).toContain('lang.scss')
  })

  test.runIf(version === 'Vite 8')('the CSS of Svelte components is in that of the entry', async () => {
    const { text } = await start(
      {
        'frontend/main.js': 'import App from "./App.svelte"; console.log(App)',
        'frontend/App.svelte': '<p>x</p><style>p { color: rgb(1, 2, 3) }</style>',
      },
      { entries: ['frontend/main.js'] },
      [svelte()],
    )
    expect(await text('frontend/main.css', LINK)).toMatch(/p\.svelte-\w+ \{ color: rgb\(1, 2, 3\)/)
  })

  test('a CSS module that accepts itself is a hot update, also when the page links the CSS of the entry', async () => {
    const { text, server, root } = await start(
      {
        'frontend/main.js': `import { box } from './box.module.scss'
          if (import.meta.hot) import.meta.hot.accept('./box.module.scss', () => {})
          globalThis.box = box`,
        'frontend/box.module.scss': '@use "tokens"; .box { color: tokens.$ink }',
        'frontend/_tokens.scss': '$ink: red;',
      },
      { entries: ['frontend/main.js'] },
    )
    const send = vi.spyOn(server.environments.client.hot, 'send')
    await text('frontend/main.js', IMPORT)
    await text(/export \* from "\/static\/([^"]+)"/.exec(await text('frontend/main.js', IMPORT))![1]!, IMPORT)
    await text('frontend/box.module.scss', IMPORT)
    expect(await text('frontend/main.css', LINK)).toContain('color: red')
    for (const [file, edited] of [
      ['box.module.scss', '@use "tokens"; .box { color: tokens.$ink; top: 0 }'],
      ['_tokens.scss', '$ink: blue;'],
    ] as const) {
      await untilWatched(path.join(root, 'frontend', file))
      await writeFile(path.join(root, 'frontend', file), edited)
      await eventually(() =>
        expect(send).toHaveBeenCalledWith(
          expect.objectContaining({
            type: 'update',
            updates: [expect.objectContaining({ acceptedPath: '/frontend/box.module.scss' })],
          }),
        ),
      )
      await text('frontend/box.module.scss', IMPORT)
      send.mockClear()
    }
    expect(await text('frontend/main.css', LINK)).toMatch(/color: blue;\s*top: 0/)
    expect(send).not.toHaveBeenCalledWith(expect.objectContaining({ type: 'full-reload' }))
  })

  test('the public folder as a location makes no warning', async () => {
    const { text, output, get } = await start(
      {
        'frontend/main.js': `import icon from '/icon.png'
          import named from '/static/icon.png'
          import raw from '/icon.png?raw'
          import './main.css'
          console.log(icon, named, raw)`,
        'frontend/main.css': 'p { background: url(/static/icon.png) }',
        'public/icon.png': 'bytes',
      },
      { dirs: ['public'], entries: ['frontend/main.js'] },
    )
    const facade = await text('frontend/main.js', IMPORT)
    const code = await text(/export \* from "\/static\/([^"]+)"/.exec(facade)![1]!, IMPORT)
    const imported = [...code.matchAll(/"\/static\/([^"]*icon\.png[^"]*)"/g)].map(([, url]) => url!)
    expect(imported, code).toHaveLength(3)
    for (const url of imported)
      expect(await text(url, IMPORT)).toMatch(/export default "(?:.*\/static\/icon\.png|bytes)"/)
    const css = await text('frontend/main.css', LINK)
    const [, background = ''] = /\/static\/([^)"]+)/.exec(css) ?? []
    expect((await get(background)).status).toBe(200)
    expect(output.filter(line => line.includes('public'))).toEqual([])
  })

  test('names with blanks and letters beyond ASCII, where a static name is the URL of a module too', async () => {
    const { get, text } = await start(
      {
        'größe.js':
          'import url from "./rot é+1.svg"; import "./größe.css"; import "./mit blank.js"; console.log(url)',
        'größe.css': 'p { color: red }',
        'mit blank.js': 'import.meta.env.MODE',
        'rot é+1.svg': '<svg/>',
      },
      { dirs: ['.'], staticRoot: '../out', entries: ['größe.js'] },
    )
    const encoded = (name: string) => encodeURI(name)
    const facade = await text(encoded('größe.js'), IMPORT)
    expect(facade).toContain(`export * from "/static/${encoded('größe.js')}?t=`)
    expect(facade).toContain(`adoptStyles("/static/${encoded('größe.css')}"`)
    expect(await text(encoded('größe.css'), IMPORT)).toContain('__vite__updateStyle')
    expect(await text(encoded('größe.css'), LINK)).toContain('p { color: red }')
    expect(await text(encoded('mit blank.js'), IMPORT)).toContain('import.meta.env =')
    expect(await text(`${encoded('rot é+1.svg')}?import`, IMPORT)).toContain('export default')
    expect((await get(encoded('rot é+1.svg'))).headers.get('content-type')).toMatch(/svg/)
  })
})

function askers({ origin }: DevServer) {
  const get = (name: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/static/${name}`, { headers })
  return { get, text: async (...args: Parameters<typeof get>) => (await get(...args)).text() }
}
