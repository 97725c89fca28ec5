import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { Manifest } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bundlers } from '../support/bundlers.ts'
import { useChromium } from '../support/chromium.ts'
import { describeEachDjango, runPython } from '../support/live-django.ts'
import { freePort } from '../support/processes.ts'
import { type Tree, tree } from '../support/tree.ts'

const FILES: Tree = {
  'static/app.js': 'document.title = "it ran"\n',
  'static/site.css': 'a { background: url(img.png) }',
  'static/img.png': 'img',
  'static/entry.js': 'console.log("bundled")',
}
const OPTIONS = { dirs: ['static'], entries: ['entry.js'], integrity: true, compress: false } as const

test.each(Object.entries(bundlers))('%s gives every file of the manifest its SHA-384', async (_, bundle) => {
  const out = await bundle(await tree(FILES), OPTIONS)
  const manifest = Manifest.load(`${out}/staticfiles.json`)
  expect([...manifest.names]).toHaveLength(4)
  for (const name of manifest.names) {
    const bytes = readFileSync(path.join(out, manifest.storedName(name)))
    const digest = createHash('sha384').update(bytes).digest('base64')
    expect(manifest.integrity(name)).toBe(`sha384-${digest}`)
    expect(manifest.integrity(`${name}?x#y`)).toBe(`sha384-${digest}`)
  }
})

test('is not there unless it is asked for: then the manifest is byte for byte the same without it', async () => {
  const root = await tree(FILES)
  const build = (integrity: boolean) => bundlers['Vite 8']!(root, { ...OPTIONS, integrity })
  const read = async (integrity: boolean) =>
    readFileSync(`${await build(integrity)}/staticfiles.json`, 'utf8')
  const [plain, full] = [await read(false), await read(true)]
  expect(full.startsWith(`${plain.slice(0, -1)}, "integrity": {"`)).toBe(true)
  await build(false)
  const manifest = Manifest.load(`${root}/staticfiles/staticfiles.json`)
  expect(() => manifest.integrity('app.js')).toThrow(
    "there is no integrity for 'app.js': set `integrity: true` in the options of the plugin, and build again",
  )
  expect(() => manifest.integrity('ap.js')).toThrow("Missing staticfiles manifest entry for 'ap.js'")
})

describeEachDjango('a manifest with integrity', django => {
  test('is read by stock Django', async () => {
    const out = await bundlers['Vite 8']!(await tree(FILES), OPTIONS)
    const script = path.resolve(import.meta.dirname, '../django/read.py')
    const site = { static_root: out, whitenoise: true, project: null }
    const reading = await runPython<Record<string, unknown>>(django.python, script, site)
    expect(reading.problems).toEqual([])
    expect(reading['static tag']).toBe(4)
  })
})

describe('in a browser', () => {
  const chromium = useChromium()

  test('a file that was changed is refused', async () => {
    const out = await bundlers['Vite 8']!(await tree(FILES), OPTIONS)
    const manifest = Manifest.load(`${out}/staticfiles.json`)
    const page = `<title>it waits</title><script src="${manifest.url('app.js')}" integrity="${manifest.integrity('app.js')}"></script>`
    const port = await freePort()
    const server = createServer((request, response) => {
      const isPage = !request.url!.startsWith('/static/')
      response.setHeader('Content-Type', isPage ? 'text/html' : 'text/javascript')
      response.end(isPage ? page : readFileSync(path.join(out, request.url!.slice('/static/'.length))))
    })
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const browserPage = await chromium().newPage()
    await browserPage.goto(`http://127.0.0.1:${port}/`)
    expect(await browserPage.title()).toBe('it ran')
    appendFileSync(path.join(out, manifest.storedName('app.js')), '// changed')
    await browserPage.reload()
    expect(await browserPage.title()).toBe('it waits')
  })
})
