import { statSync } from 'node:fs'
import path from 'node:path'
import { preview } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test } from 'vitest'
import { vites } from '../support/bundlers.ts'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/processes.ts'
import { rawRequest } from '../support/raw-request.ts'
import { tree } from '../support/tree.ts'

const FILES = {
  'templates/page.html': `<h1>\n  {% static 'css/page.css' %}{% static 'polls/app.ts' %}`,
  'static/css/page.css': `@import "parts/part.css";\na { background: url("../img/logo.svg") }`,
  'static/css/parts/part.css': `a { background: url("../../img/gone.svg") }`,
  'static/img/logo.svg': `<svg>${'<path d="M0 0h10v10z"/>'.repeat(200)}</svg>`,
  'static/polls/wins.txt': 'project',
  'static/polls/same.txt': 'same',
  'static/polls/photo.jpg': 'x'.repeat(2000),
  'polls/static/polls/wins.txt': 'app',
  'polls/static/polls/same.txt': 'same',
  'polls/static/polls/app.ts': `import './app.css'; import { two } from './two'; console.log(two)`,
  'polls/static/polls/two.ts': 'export const two: number = 2',
  'polls/static/polls/app.css': 'a { color: red }',
}
const OPTIONS = { dirs: ['static'], apps: ['polls'], entries: 'templates' } as const

describe.each(Object.keys(devVites))('the inspector, %s', version => {
  async function start() {
    const root = await tree(FILES)
    const dev = await startDevServer(root, OPTIONS, { version })
    const get = (route: string, headers: Record<string, string> = {}) =>
      fetch(`${dev.origin}/static/__staticfiles${route}`, { headers, redirect: 'manual' })
    const detail = async (name: string) => (await get(`/file.json?name=${encodeURIComponent(name)}`)).json()
    return { ...dev, root, get, detail }
  }

  test('lists all names', async () => {
    const { get } = await start()
    const { files, staticPath } = await (await get('/files.json')).json()
    expect(staticPath).toBe('/static/')
    expect(files).toContainEqual({ name: 'polls/wins.txt', size: 7, hides: 1, broken: 0, isEntry: false })
    expect(files).toContainEqual({
      ...{ name: 'css/parts/part.css', size: FILES['static/css/parts/part.css'].length },
      ...{ hides: 0, broken: 1, isEntry: false },
    })
    expect(files.find(({ name }: { name: string }) => name === 'polls/app.ts').isEntry).toBe(true)
    expect(files.map(({ name }: { name: string }) => name)).toHaveLength(9)
  })

  test('tells where a name comes from, what it hides, and what refers to it', async () => {
    const { detail, root } = await start()
    const page = await detail('css/page.css')
    expect(page).toMatchObject({ location: 'static', place: { shown: 'static/css/page.css' } })
    expect(page.references).toMatchObject([
      { name: 'css/parts/part.css', line: 1, column: 9 },
      { name: 'img/logo.svg', line: 2, column: 17 },
    ])
    expect(page.templates).toMatchObject([{ shown: 'templates/page.html', line: 2, column: 3 }])
    expect((await detail('img/logo.svg')).referencedBy).toMatchObject([
      { name: 'css/page.css', line: 2, column: 17 },
    ])
    expect((await detail('css/parts/part.css')).broken).toEqual([
      {
        source: path.join(root, 'static/css/parts/part.css'),
        shown: 'static/css/parts/part.css',
        ...{ line: 1, column: 17, url: '../../img/gone.svg' },
      },
    ])
    const [wins, same] = await Promise.all([detail('polls/wins.txt'), detail('polls/same.txt')])
    expect(wins.hides).toMatchObject([{ shown: 'polls/static/polls/wins.txt', identical: false }])
    expect(same.hides).toMatchObject([{ shown: 'polls/static/polls/same.txt', identical: true }])
  })

  test('shows the modules of an entry', async () => {
    const { detail } = await start()
    const { builtName, modules } = await detail('polls/app.ts')
    expect(builtName).toBe('polls/app.js')
    expect(modules).toMatchObject([
      { depth: 0, shown: 'polls/static/polls/app.ts', isStylesheet: false },
      { depth: 1, shown: 'polls/static/polls/app.css', isStylesheet: true },
      { depth: 1, shown: 'polls/static/polls/two.ts', isStylesheet: false },
    ])
  })

  test('lets nothing in but its own page, and nothing out but static files', async () => {
    const { get, origin } = await start()
    const page = await get('/', { 'Sec-Fetch-Site': 'none' })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect((await get('/files.json', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await get('/files.json', { 'Sec-Fetch-Site': 'same-site' })).status).toBe(403)
    for (const name of ['../templates/page.html', 'nowhere', '', 'constructor', '__proto__'])
      expect((await get(`/file.json?name=${encodeURIComponent(name)}`)).status, name).toBe(404)
    expect((await get('/constructor')).status).toBe(404)
    const outside = 'GET /static/__staticfiles/../../templates/page.html HTTP/1.1'
    expect(await rawRequest(origin, [outside, 'Connection: close'])).toMatch(/^HTTP\/1\.1 404 /)
    expect((await get('')).headers.get('location')).toBe('/static/__staticfiles/')
    const printed = await fetch(`${origin}/static/`, { headers: { Accept: 'text/html' }, redirect: 'manual' })
    expect(printed.headers.get('location')).toBe('/static/__staticfiles/')
  })

  test("opens Vite's editor", async () => {
    const { get, origin } = await start()
    const { editorUrl } = await (await get('/files.json')).json()
    // Without a file Vite says what is missing; with one it would start an editor.
    const response = await fetch(origin + editorUrl)
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringContaining('launch-editor-middleware'),
    ])
  })

  test('is printed with the other URLs', async () => {
    const { server, output, origin } = await start()
    server.printUrls()
    expect(output.at(-1)).toContain(`${origin}/static/__staticfiles/`)
  })
})

test('what it says of compression is what a build writes', async () => {
  const root = await tree({ ...FILES, 'static/css/parts/part.css': 'a { color: red }' })
  const { origin } = await startDevServer(root, OPTIONS)
  const out = await vites['Vite 8']!(root, OPTIONS)
  for (const name of ['img/logo.svg', 'polls/photo.jpg', 'css/parts/part.css']) {
    const response = await fetch(`${origin}/static/__staticfiles/file.json?name=${name}`)
    const { siblings } = await response.json()
    const written = ['.br', '.gz'].flatMap(suffix => {
      const size = statSync(path.join(out, name + suffix), { throwIfNoEntry: false })?.size
      return size === undefined ? [] : [[suffix, size]]
    })
    expect([name, siblings]).toEqual([name, Object.fromEntries(written)])
  }
})

test('it is no part of a build, nor of its preview', async () => {
  const root = await tree({ ...FILES, 'static/css/parts/part.css': 'a { color: red }' })
  const port = await freePort()
  await vites['Vite 8']!(root, OPTIONS)
  const server = await preview({
    ...{ root, configFile: false, logLevel: 'silent', preview: { port, host: '127.0.0.1' } },
    plugins: [staticfiles(OPTIONS)],
  })
  onTestFinished(() => server.close())
  expect((await fetch(`http://127.0.0.1:${port}/static/polls/wins.txt`)).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${port}/static/__staticfiles/`)).status).toBe(404)
  expect((await fetch(`http://127.0.0.1:${port}/static/__staticfiles/files.json`)).status).toBe(404)
})

describe.runIf(CHROMIUM || process.env.CI)('the inspector in Chromium', () => {
  const browser = useChromium()

  test('is used by keyboard alone', async () => {
    const { origin } = await startDevServer(await tree(FILES), OPTIONS)
    const { page, problems } = await watchedPage(browser())
    await page.goto(`${origin}/static/`)
    await page.getByRole('status').filter({ hasText: '9 names' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('PAGE css')
    await page.getByRole('status').filter({ hasText: '1 name' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: 'css/page.css' }).waitFor()
    expect(await page.getByRole('link', { name: 'css/page.css', exact: false }).first().isVisible()).toBe(
      true,
    )
    expect(await page.locator('a[aria-current]').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.keyboard.type('polls')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const second = await page.evaluate(() => document.activeElement!.textContent)
    expect(second).toMatch(/^polls\/app\.tsentry/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: 'polls/app.ts' }).waitFor()
    await page.getByRole('heading', { name: 'Modules' }).waitFor()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('search')
    expect(problems).toEqual([])
    await page.close()
  })

  test('shows what is broken, and asks the server to open the editor there', async () => {
    const { origin } = await startDevServer(await tree(FILES), OPTIONS)
    const { page, problems } = await watchedPage(browser())
    await page.route('**/__open-in-editor*', route => route.fulfill({ status: 200, body: '' }))
    await page.goto(`${origin}/static/__staticfiles/`)
    await page.getByText('Broken', { exact: true }).first().click()
    await page.getByRole('link', { name: 'part.css' }).click()
    await page.getByText('../../img/gone.svg').waitFor()
    const asked = page.waitForRequest(/__open-in-editor/)
    await page.getByRole('link', { name: 'part.css:1:17' }).click()
    expect(decodeURIComponent((await asked).url())).toMatch(/static\/css\/parts\/part\.css:1:17$/)
    expect(page.url()).toContain('/__staticfiles/#')
    expect(problems).toEqual([])
    await page.close()
  })

  test('is light or dark as the system is, and fits a phone', async () => {
    const { origin } = await startDevServer(await tree(FILES), OPTIONS)
    const { page } = await watchedPage(browser())
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    await page.setViewportSize({ width: 360, height: 700 })
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(`${origin}/static/__staticfiles/#css%2Fpage.css`)
    await page.getByRole('heading', { level: 2 }).waitFor()
    const light = await background()
    await page.emulateMedia({ colorScheme: 'dark' })
    await eventually(async () => expect(await background()).not.toBe(light))
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.close()
  })
})
