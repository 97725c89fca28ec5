import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { project } from '../support/project.ts'
import { untilWatched } from '../support/watches.ts'

/** What htmx's extension for heads does, and what `hx-boost` does to the body. */
const BOOST = `
  window.swapTo = async url => {
    const html = await (await fetch(url)).text()
    const next = new DOMParser().parseFromString(html, 'text/html')
    const wanted = new Set([...next.head.children].map(each => each.outerHTML))
    for (const each of [...document.head.children]) {
      if (!wanted.delete(each.outerHTML) && each.getAttribute('hx-preserve') !== 'true') each.remove()
    }
    for (const each of [...next.head.children]) if (wanted.has(each.outerHTML)) document.head.append(each)
    document.body = document.importNode(next.body, true)
    history.pushState({}, '', url)
  }`

const FILES = {
  'static/web/turbo.ts': `import { visit } from '@hotwired/turbo'
    import './app.css'
    import './shared.css'
    Object.assign(window, { swapTo: visit })`,
  'static/web/boost.ts': `import './app.css'\nimport './shared.css'\n${BOOST.replace('window.', '(window as any).')}`,
  'static/web/part.ts': 'import "./shared.css"; import "./part.css"',
  'static/web/app.css': 'h1 { color: rgb(1, 1, 1) }',
  'static/web/shared.css': 'h2 { color: rgb(2, 2, 2) }',
  'static/web/part.css': 'h3 { color: rgb(3, 3, 3) }',
  'static/web/site.scss': '$c: rgb(4, 4, 4); h4 { color: $c }',
  'static/web/plain.css': 'h5 { color: rgb(5, 5, 5) }',
}

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  const browser = useChromium()

  describe.each(['turbo', 'boost'])('%s', library => {
    test('pages that are swapped keep their styles, their state and one client', async () => {
      const { page, edit, problems, connected } = await open(library)
      await connected()
      await page.evaluate(() => Object.assign(window, { marked: true }))
      await eventually(async () => expect(await colors(page)).toEqual([1, 2, 3, 4, 5]))
      const elements = await countOf(page)
      for (let visit = 1; visit <= 100; visit++) await swapTo(page, `/page-${visit}/`)
      expect(await countOf(page)).toEqual(elements)
      expect(await colors(page)).toEqual([1, 2, 3, 4, 5])
      const edited = ['app.css', 'shared.css', 'part.css', 'site.scss', 'plain.css']
      for (const [index, file] of edited.entries()) {
        await edit(`static/web/${file}`, rgb(index + 1), rgb(index + 6))
        await eventually(async () => expect((await colors(page))[index]).toBe(index + 6))
        await swapTo(page, `/after-${file}/`)
        expect((await colors(page))[index]).toBe(index + 6)
      }
      for (let visit = 1; visit <= 5; visit++) await swapTo(page, `/again-${visit}/`)
      expect(await colors(page)).toEqual([6, 7, 8, 9, 10])
      expect(await page.evaluate(() => 'marked' in window)).toBe(true)
      await connected(1)
      expect(problems).toEqual([])
      await page.close()
    })
  })

  test('a stylesheet that a module no longer imports stays away', async () => {
    const { page, edit, connected } = await open('boost')
    await connected()
    await eventually(async () => expect(await colors(page)).toEqual([1, 2, 3, 4, 5]))
    await edit('static/web/part.ts', 'import "./part.css"', 'import.meta.hot?.accept()')
    await eventually(async () => expect((await colors(page))[2]).toBe(0))
    await page.close()
  })

  /** A site in which every page links the CSS of two scripts, a stylesheet entry, and a collected stylesheet. */
  async function open(library: string) {
    const root = await project(FILES)
    const link = (name: string) =>
      `<link rel="stylesheet" href="/static/web/${name}" data-turbo-track="reload">`
    const script = (name: string) =>
      `<script type="module" src="/static/web/${name}" data-turbo-track="reload"></script>`
    const pages = createServer((req, res) => {
      res.setHeader('Content-Type', 'text/html')
      res.end(`<!doctype html><html><head><title>${req.url}</title>
        ${link(`${library}.css`)}${link('site.scss')}${link('plain.css')}${script(`${library}.ts`)}
        </head><body>${link('part.css')}${script('part.ts')}
        <h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5></body></html>`)
    })
    await new Promise<void>(resolve => pages.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      pages.closeAllConnections()
      pages.close()
    })
    const { origin } = await startDevServer(root, {
      dirs: ['static'],
      entries: [`web/${library}.ts`, 'web/part.ts', 'web/site.scss'],
      proxy: `http://127.0.0.1:${(pages.address() as AddressInfo).port}`,
    })
    const watched = await watchedPage(browser())
    await watched.page.goto(origin)
    const edit = async (file: string, from: string, to: string) => {
      const full = path.join(root, file)
      await untilWatched(full)
      writeFileSync(full, readFileSync(full, 'utf8').replaceAll(from, to))
    }
    return { ...watched, edit }
  }
})

async function swapTo(page: Page, url: string): Promise<void> {
  await page.evaluate(to => (window as unknown as { swapTo(url: string): void }).swapTo(to), url)
  await page.waitForFunction(title => document.title === title || location.pathname === title, url)
  // What a swap sets off runs before the next frame.
  await page.evaluate(
    () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

function rgb(value: number): string {
  return `rgb(${value}, ${value}, ${value})`
}

/** The first number in the colour of each heading. */
function colors(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('h1, h2, h3, h4, h5')].map(each =>
      Number(/\d+/.exec(getComputedStyle(each).color)?.[0]),
    ),
  )
}

function countOf(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() =>
    Object.fromEntries(
      ['link', 'style', 'body script'].map(each => [each, document.querySelectorAll(each).length]),
    ),
  )
}
