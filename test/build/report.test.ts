import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportHtml } from '../../src/build/report/html.ts'
import type { Report, ReportedFile } from '../../src/build/report/report.ts'
import { bundlers } from '../support/bundlers.ts'
import { useChromium } from '../support/chromium.ts'
import { project, projectFolder, staticfilesCommand } from '../support/project.ts'
import { type Tree, tree } from '../support/tree.ts'

const LONG = 'a { color: red }\n'.repeat(300)

const FILES: Tree = {
  'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default {
  cacheDir: 'cache',
  plugins: [staticfiles({ dirs: ['static', 'more'], entries: ['app.ts'], strict: false })],
}
`,
  'static/app.ts': 'console.log("bundled")',
  'static/one.css': LONG,
  'static/copy/one.css': LONG,
  'static/broken.css': `b { background: url(on.css) }`,
  'static/app.js.map': JSON.stringify({ version: 3, x: 'y'.repeat(2000) }),
  'static/hidden.txt': 'the first',
  'more/hidden.txt': 'the second',
  'templates/page.html': "{% load static %}\n{% static 'on.css' %}",
}

async function report(root: string): Promise<Report> {
  return JSON.parse(staticfilesCommand(root, ['report', '--json']).stdout)
}

function manifest(root: string): Record<string, string> {
  return JSON.parse(readFileSync(`${root}/staticfiles/staticfiles.json`, 'utf8')).paths
}

describe('as JSON', () => {
  test('says what the build wrote, what is wrong, and what could be saved', async () => {
    const root = await project(FILES)
    staticfilesCommand(root, ['collect'])
    const found = await report(root)
    const names = found.files.map(({ name }) => name)
    expect(names).toEqual(['app.js', 'app.js.map', 'broken.css', 'copy/one.css', 'hidden.txt', 'one.css'])
    for (const file of found.files) {
      const size = (suffix: string) =>
        statSync(`${root}/staticfiles/${file.hashedName}${suffix}`, { throwIfNoEntry: false })?.size
      expect(file).toMatchObject({
        raw: size(''),
        gzip: size('.gz') ?? size(''),
        brotli: size('.br') ?? size(''),
      })
    }
    expect(Object.fromEntries(found.files.map(({ name, location }) => [name, location]))).toMatchObject({
      'app.js': 'bundled',
      'one.css': 'static',
      'hidden.txt': 'static',
    })
    expect(found.files.find(({ name }) => name === 'one.css')!.brotli).toBeLessThan(100)
    expect(found.duplicates).toEqual([{ names: ['copy/one.css', 'one.css'], size: LONG.length }])
    expect(found.shadowed).toEqual([
      {
        name: 'hidden.txt',
        source: 'static/hidden.txt',
        hides: [{ source: 'more/hidden.txt', identical: false }],
      },
    ])
    expect(found.broken).toEqual([
      {
        source: 'static/broken.css',
        line: 1,
        column: 17,
        url: 'on.css',
        nearest: expect.arrayContaining(['one.css']),
      },
    ])
    expect(found.templates).toMatchObject([{ source: 'templates/page.html', line: 2, url: 'on.css' }])
    expect(found.savings.map(({ name }) => name)).toEqual(['copy/one.css', 'app.js.map'])
    expect(found.changes).toBeUndefined()
  })

  test('says what has changed since the build before, whether that was reported or not', async () => {
    const root = await project(FILES)
    expect(staticfilesCommand(root, ['collect', '--clear']).code).toBe(0)
    expect((await report(root)).changes).toBeUndefined()
    const sizeOf = (name: string) => statSync(`${root}/staticfiles/${manifest(root)[name]}`).size
    const [map, app] = [sizeOf('app.js.map'), sizeOf('app.js')]
    writeFileSync(`${root}/static/one.css`, `${LONG}/* more */`)
    writeFileSync(`${root}/static/new.txt`, 'new')
    writeFileSync(`${root}/static/app.ts`, 'console.log("bundled", "again")')
    rmSync(`${root}/static/app.js.map`)
    const began = Date.now()
    staticfilesCommand(root, ['collect', '--clear', '--dry-run'])
    staticfilesCommand(root, ['collect', '--clear'])
    const { changes } = await report(root)
    expect(changes).toEqual({
      since: expect.any(String),
      added: [{ name: 'new.txt', before: 0, after: 3 }],
      removed: [{ name: 'app.js.map', before: map, after: 0 }],
      changed: [
        { name: 'app.js', before: app, after: sizeOf('app.js') },
        { name: 'one.css', before: LONG.length, after: LONG.length + 10 },
      ],
    })
    expect(Date.parse(changes!.since)).toBeLessThan(began)
    expect((await report(root)).changes).toEqual(changes)
    staticfilesCommand(root, ['collect', '--clear'])
    expect((await report(root)).changes).toMatchObject({ added: [], removed: [], changed: [] })
  })

  test('finds equal files where names carry no hash', async () => {
    const root = await project({
      'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], hash: 'query' })] }
`,
      'static/LICENSE': 'free',
      'static/copying.txt': 'free',
      'static/other.txt': 'mine',
    })
    staticfilesCommand(root, ['collect'])
    expect((await report(root)).duplicates).toEqual([{ names: ['LICENSE', 'copying.txt'], size: 4 }])
  })

  test('takes neither members of a circle for equal nor files without an extension for bundled', async () => {
    const root = await project({
      'vite.config.js': String(FILES['vite.config.js'])
        .replace("'static', 'more'", "'static'")
        .replace("'app.ts'", "'site.css'"),
      'static/a.js': `import './b.js'\n${'x'.repeat(3000)}()`,
      'static/b.js': `import './a.js'\n${'y'.repeat(3000)}()`,
      'static/LICENSE': 'free',
      'static/COPYING': 'free',
      'static/site.css': 'a { color: red }',
    })
    staticfilesCommand(root, ['collect'])
    const { files, duplicates } = await report(root)
    const paths = manifest(root)
    expect(paths['a.js']!.split('.')[1]).toBe(paths['b.js']!.split('.')[1])
    expect(duplicates).toEqual([{ names: ['COPYING', 'LICENSE'], size: 4 }])
    expect(Object.fromEntries(files.map(({ name, location }) => [name, location]))).toEqual({
      ...{ 'a.js': 'static', 'b.js': 'static', LICENSE: 'static', COPYING: 'static' },
      'site.css': 'bundled',
    })
  })

  test('of a build says the same as of the command', async () => {
    const root = await project({
      ...FILES,
      'vite.config.js': String(FILES['vite.config.js']).replace(
        'strict: false',
        'strict: false, report: true',
      ),
      'more/app.ts': 'console.log("hidden")',
    })
    expect(staticfilesCommand(root, ['collect']).stdout).toContain('staticfiles-report.html shows them')
    const html = readFileSync(`${root}/staticfiles-report.html`, 'utf8')
    const [, json] = html.match(/<script type="application\/json" id="report">(.*)<\/script>/)!
    const ofBuild: Report = JSON.parse(json!)
    const { createdAt: _, ...ofCommand } = await report(root)
    expect(ofBuild).toMatchObject(ofCommand)
    expect(ofBuild.shadowed.map(({ name }) => name)).toEqual(expect.arrayContaining(['app.ts', 'hidden.txt']))
  })

  test('needs a build', async () => {
    const root = await project(FILES)
    const { code, stderr } = staticfilesCommand(root, ['report'])
    expect(code).toBe(1)
    expect(stderr).toContain(`there is no manifest ${root}/staticfiles/staticfiles.json`)
  })
})

test.each(Object.keys(bundlers))('%s writes it after each build, where asked to', async bundler => {
  const root = await tree({ 'static/x.txt': 'x' })
  await bundlers[bundler]!(root, { dirs: ['static'], report: path.join(root, 'report.html') })
  expect(readFileSync(`${root}/report.html`, 'utf8')).toContain('"name":"x.txt"')
})

test('a report in the static root would be published, and is refused', async () => {
  const root = await project({ ...FILES, 'static/x.txt': 'x' })
  staticfilesCommand(root, ['collect'])
  const { code, stderr } = staticfilesCommand(root, ['report', '--output', 'staticfiles/report.html'])
  expect(code).toBe(1)
  expect(stderr).toContain('would lie in the static root, and be published')
  expect(existsSync(`${root}/staticfiles/report.html`)).toBe(false)
})

describe('the page', () => {
  const chromium = useChromium()
  const AWKWARD = '</script><img src=x onerror=alert(1)> "quoted" <!-- ü %data%.css'
  let folder: string

  beforeAll(async () => {
    folder = await projectFolder()
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function open(
    files: readonly ReportedFile[],
    more: Partial<Report> = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const file = path.join(folder, 'report.html')
    const nothing = {
      duplicates: [],
      shadowed: [],
      broken: [],
      templates: [],
      savings: [],
      changes: undefined,
    }
    const made = { createdAt: '2026-01-02T03:04:05Z', staticRoot: 'static', files, ...nothing, ...more }
    writeFileSync(file, reportHtml(made, new URL('../../dist/report/', import.meta.url)))
    const page = await chromium().newPage({ viewport: { width: 1200, height: 900 } })
    const problems: string[] = []
    page.on('console', message => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', error => problems.push(error.message))
    page.on(
      'request',
      request =>
        request.url().startsWith('file:') ||
        request.url().startsWith('data:') ||
        problems.push(request.url()),
    )
    await page.goto(pathToFileURL(file).href)
    return { page, problems }
  }

  const FILES_SHOWN: ReportedFile[] = [
    reported('big.css', 'polls', 60_000, 6000),
    reported('small.css', 'polls', 20_000, 5000),
    reported('logo.svg', 'site', 20_000, 10_000, 'Images'),
    reported(AWKWARD, 'site', 100, 100),
  ]

  test('loads nothing but itself, and shows names as they are', async () => {
    const { page, problems } = await open(FILES_SHOWN)
    expect(await page.locator('#rows tr').count()).toBe(4)
    expect(await page.locator('#rows').textContent()).toContain(AWKWARD)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('#totals').textContent()).toContain('100.1 kB')
    expect(problems).toEqual([])
  })

  test('has a map whose areas are the sizes', async () => {
    const { page } = await open(FILES_SHOWN)
    const area = async (name: string) => {
      const box = await page.locator(`#map [title^="${name}"]`).boundingBox()
      return box!.width * box!.height
    }
    expect((await area('big.css')) / (await area('small.css'))).toBeCloseTo(3, 0)
    await page.locator('input[value=brotli]').check({ force: true })
    expect((await area('big.css')) / (await area('small.css'))).toBeCloseTo(1.2, 0)
    await page.locator('input[value=type]').check({ force: true })
    expect(await page.locator('#map .group').allTextContents()).toEqual([
      expect.stringMatching(/^Stylesheets: /),
      expect.stringMatching(/^Images: /),
    ])
  })

  test('is used by keyboard: open a group, and back', async () => {
    const { page } = await open(FILES_SHOWN)
    await page.locator('#map .group').first().focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('#map .group').count()).toBe(1)
    expect(await page.locator('#trail').textContent()).toContain('polls')
    await page.keyboard.press('Escape')
    expect(await page.locator('#map .group').count()).toBe(2)
  })

  test('sorts and filters', async () => {
    const { page } = await open(FILES_SHOWN)
    const first = () => page.locator('#rows tr td').first().textContent()
    expect(await first()).toBe('big.css')
    await page.getByRole('button', { name: 'Name' }).click()
    expect(await first()).toBe(AWKWARD)
    await page.getByRole('button', { name: 'Name' }).click()
    expect(await first()).toBe('small.css')
    await page.fill('#filter', 'LOGO')
    expect(await page.locator('#rows tr').count()).toBe(1)
    expect(await page.locator('#count').textContent()).toBe('1 file')
  })

  test('shows what is wrong and what has changed', async () => {
    const { page } = await open(FILES_SHOWN, {
      broken: [{ source: 'a.css', line: 3, column: 4, url: 'x.png', nearest: ['y.png'] }],
      changes: {
        since: '2026-01-01T00:00:00Z',
        added: [{ name: 'new.txt', before: 0, after: 3 }],
        removed: [],
        changed: [],
      },
    })
    const text = await page.locator('#sections').textContent()
    expect(text).toContain('Broken references (1)')
    expect(text).toContain('a.css:3:4')
    expect(text).toContain('new.txt')
  })

  test('draws no cell over another, be it small', async () => {
    const many = Array.from({ length: 600 }, (_, index) =>
      reported(`file${index}.css`, `app${index % 5}`, Math.round(100_000 / (index + 1)), 50),
    )
    const { page } = await open(many)
    for (const width of [1200, 375]) {
      await page.setViewportSize({ width, height: 900 })
      const problems = await page.evaluate(() => {
        const map = document.querySelector('#map')!.getBoundingClientRect()
        const boxes = [...document.querySelectorAll('#map > *')].map(cell => cell.getBoundingClientRect())
        const outside = boxes.filter(box => box.right > map.right + 1 || box.bottom > map.bottom + 1)
        const overlap = (one: DOMRect, other: DOMRect) =>
          Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1.5 &&
          Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1.5
        const over = boxes.filter((one, index) => boxes.slice(index + 1).some(other => overlap(one, other)))
        return { cells: boxes.length > 100, outside: outside.length, over: over.length }
      })
      expect(problems).toEqual({ cells: true, outside: 0, over: 0 })
    }
  })

  test('comes back to the group that was open, and keeps its shape on paper', async () => {
    const { page } = await open(FILES_SHOWN)
    await page.locator('#map [data-name=site]').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-name'))).toBe('site')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await page.setViewportSize({ width: 700, height: 900 })
    const [map, last] = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('#map > *')].map(cell => cell.getBoundingClientRect().right)
      return [document.querySelector('#map')!.getBoundingClientRect().right, Math.max(...boxes)]
    })
    expect(Math.abs(map! - last!)).toBeLessThan(3)
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
      'rgb(251, 250, 248)',
    )
  })

  test('stays usable with 10,000 files, and on a phone', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      reported(`folder/file${index}.css`, `app${index % 20}`, 100 + index, 50),
    )
    const { page, problems } = await open(many)
    expect(await page.locator('#count').textContent()).toContain('10,000 files, the first 200 are shown')
    await page.setViewportSize({ width: 375, height: 700 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
    const name = await page.locator('#rows td').first().boundingBox()
    expect(name!.width).toBeGreaterThan(100)
    expect(problems).toEqual([])
  })
})

function reported(
  name: string,
  location: string,
  raw: number,
  brotli: number,
  type = 'Stylesheets',
): ReportedFile {
  return { name, hashedName: name, location, type, raw, gzip: brotli + 10, brotli }
}
