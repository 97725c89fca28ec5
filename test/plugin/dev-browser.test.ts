import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { type DevSite, type Mode, startDevSite } from '../support/dev-site.ts'
import { eventually } from '../support/eventually.ts'
import { describeNewestDjango } from '../support/live-django.ts'

const SITES: { vite: string; mode: Mode }[] = [
  { vite: 'vite', mode: 'STATIC_URL' },
  { vite: 'vite7', mode: 'STATIC_URL' },
  { vite: 'vite6', mode: 'STATIC_URL' },
  { vite: 'vite', mode: 'proxy' },
  { vite: 'vite6', mode: 'proxy' },
]

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  describeNewestDjango('the playground under vite dev', django => {
    const browser = useChromium()

    describe.each(SITES)('$vite, $mode', ({ vite, mode }) => {
      let site: DevSite

      beforeAll(async () => {
        site = await startDevSite(django, { mode, vite, prepare: addHotModule })
      })
      afterAll(() => site?.stop())

      test('loads every file of its pages, and reports no error', async () => {
        for (const url of ['/', '/polls/', '/polls/1/', '/gallery/', '/admin/login/']) {
          const { page, problems, loaded } = await open(url)
          expect(problems, url).toEqual([])
          const files = loaded.filter(each => each.includes('/static/'))
          expect(files.length, url).toBeGreaterThan(0)
          expect(
            files.filter(each => !each.startsWith(site.viteOrigin)),
            url,
          ).toEqual([])
          await page.close()
        }
      })

      test('styles the admin', async () => {
        const { page } = await open('/admin/login/')
        const header = await styleOf(page, '#header', 'backgroundColor')
        expect(header).not.toBe('rgba(0, 0, 0, 0)')
        await page.close()
      })

      test('runs TypeScript, its worker and its images, each module under one URL', async () => {
        const { page, loaded, problems } = await open('/polls/1/')
        await page.locator('.choice__share', { hasText: '%' }).first().waitFor()
        await page.locator('.choice__margin', { hasText: 'points' }).first().waitFor()
        expect(await page.locator('.ballot').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(
          320,
        )
        const paths = loaded.map(url => new URL(url).pathname).filter(each => each.endsWith('.ts'))
        expect(new Set(paths).size).toBe(paths.length)
        expect(problems).toEqual([])
        await page.close()
      })

      test('is styled before the first script runs, and looks the same afterwards', async () => {
        const { page } = await watchedPage(browser())
        let release = () => {}
        const held = new Promise<void>(resolve => {
          release = resolve
        })
        await page.route('**/static/polls/app.ts*', async route => {
          await held
          await route.continue()
        })
        await page.goto(`${site.origin}/polls/1/`, { waitUntil: 'commit' })
        await page.locator('.footer').waitFor()
        await page.evaluate(() => document.fonts.ready)
        expect(await styleOf(page, '.choices', 'clear')).toBe('both')
        const before = await page.locator('.header').screenshot({ animations: 'disabled' })
        release()
        await page.locator('.choice__margin', { hasText: 'points' }).first().waitFor()
        expect(await page.locator('.header').screenshot({ animations: 'disabled' })).toEqual(before)
        expect(await styleOf(page, '.choices', 'clear')).toBe('both')
        await page.close()
      })

      test('puts the styles of modules where the page links them, once', async () => {
        const { page } = await open('/polls/1/')
        const sheets = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLLinkElement | HTMLStyleElement>('link[rel=stylesheet], style')]
            .filter(each => each.sheet?.disabled !== true)
            .map(each => each.getAttribute('href') ?? each.dataset.viteDevId!),
        )
        expect(sheets.map(each => each.replace(/^.*\/(?=[^/]+\/[^/]+$)/, ''))).toEqual([
          'css/site.scss',
          'polls/style.css',
          'polls/poll.css',
        ])
        await page.close()
      })

      test('swaps the styles of modules and of linked SCSS without a reload', async () => {
        const { page, problems, connected } = await open('/polls/1/')
        await connected()
        await mark(page)
        await site.edit('polls/static/polls/poll.css', 'clear: both', 'clear: left')
        await eventually(async () => expect(await styleOf(page, '.choices', 'clear')).toBe('left'))
        await site.edit('static/css/_tokens.scss', /--page: [^;]+/, '--page: rgb(1, 2, 3)')
        await eventually(async () =>
          expect(await styleOf(page, 'body', 'backgroundColor')).toBe('rgb(1, 2, 3)'),
        )
        await eventually(async () => expect(await effectiveLinks(page, 'site.scss')).toBe(1))
        expect(await isMarked(page)).toBe(true)
        expect(problems).toEqual([])
        await page.close()
      })

      test('swaps a module that accepts it and keeps the state of the page; reloads for one that does not', async () => {
        const { page, connected } = await open('/polls/1/')
        await connected()
        await mark(page)
        await page.locator('html[data-label=one]').waitFor()
        await site.edit('polls/static/polls/label.ts', 'one', 'two')
        await page.locator('html[data-label=two]').waitFor()
        expect(await isMarked(page)).toBe(true)
        await site.edit('polls/static/polls/chart.ts', 'points`', 'POINTS`')
        await page
          .locator('.choice__margin', { hasText: /POINTS/ })
          .first()
          .waitFor()
        expect(await isMarked(page)).toBe(false)
        await page.close()
      })

      test('brings edits of collected CSS, templates, images and Python into the page', async () => {
        const { page, problems, connected } = await open(mode === 'proxy' ? '/gallery/' : '/polls/1/')
        await connected()
        let navigations = 0
        page.on('framenavigated', () => navigations++)
        await mark(page)
        if (mode === 'proxy') {
          // It comes in by `@import`.
          await site.edit('gallery/static/gallery/frame.css', '#fffdf8', 'rgb(9, 8, 7)')
          await eventually(async () =>
            expect(await styleOf(page, '.frame', 'backgroundColor')).toBe('rgb(9, 8, 7)'),
          )
          await eventually(async () => expect(await effectiveLinks(page, 'gallery.css')).toBe(1))
        } else {
          const swapped = page.waitForResponse(response => response.url().includes('/polls/style.css?t='))
          await site.edit('static/polls/style.css', '{', '{ --edited: yes;')
          expect(await (await swapped).text()).toContain('--edited')
        }
        expect(await isMarked(page)).toBe(true)
        await site.edit('templates/base.html', 'stock Django reads', 'plain Django reads')
        await page.locator('.footer', { hasText: 'plain Django reads' }).waitFor()
        expect(navigations).toBe(1)
        await connected(2)
        const logo = page.waitForResponse(response => response.url().endsWith('/img/logo.svg'))
        await site.edit('static/img/logo.svg', '<svg', '<!-- edited --><svg')
        expect((await logo).status()).toBe(200)
        await eventually(() => expect(navigations).toBe(2))
        await connected(3)
        await site.edit(
          'config/urls.py',
          'urlpatterns = [',
          'print("new process", flush=True)\nurlpatterns = [',
        )
        await eventually(() => expect(navigations).toBe(3))
        expect(site.output()).toContain('new process')
        await page.waitForTimeout(1000)
        expect(navigations).toBe(3)
        expect(problems).toEqual([])
        await page.close()
      })

      test.runIf(mode === 'proxy')(
        'logs in with CSRF on, and waits for Django while it is down',
        async () => {
          const { page, problems } = await open('/admin/')
          expect(page.url()).toBe(`${site.origin}/admin/login/?next=/admin/`)
          await page.fill('[name=username]', 'admin')
          await page.fill('[name=password]', 'secret')
          await page.click('[type=submit]')
          await page.waitForURL(`${site.origin}/admin/`)
          await page.locator('#user-tools', { hasText: 'admin' }).waitFor()
          expect(problems).toEqual([])
          await site.stopDjango()
          await page.goto(`${site.origin}/admin/`)
          await page.locator('h1', { hasText: 'Django does not answer' }).waitFor()
          await site.startDjango()
          await page.locator('#user-tools', { hasText: 'admin' }).waitFor()
          await page.close()
        },
      )

      async function open(url: string) {
        const watched = await watchedPage(browser())
        await watched.page.goto(site.origin + url, { waitUntil: 'networkidle' })
        return watched
      }
    })
  })
})

function addHotModule(project: string): void {
  const folder = path.join(project, 'polls/static/polls')
  const app = path.join(folder, 'app.ts')
  writeFileSync(app, `import './label'\n${readFileSync(app, 'utf8')}`)
  writeFileSync(
    path.join(folder, 'label.ts'),
    `document.documentElement.dataset.label = 'one'\nimport.meta.hot?.accept()\n`,
  )
}

/** How many links to a stylesheet have an effect. */
function effectiveLinks(page: Page, name: string): Promise<number> {
  return page
    .locator(`link[href*="${name}"]`)
    .evaluateAll(links => links.filter(link => !(link as HTMLLinkElement).sheet?.disabled).length)
}

function styleOf(page: Page, selector: string, property: 'backgroundColor' | 'clear'): Promise<string> {
  return page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element)[name], property)
}

async function mark(page: Page): Promise<void> {
  await page.evaluate(() => {
    ;(window as { marked?: boolean }).marked = true
  })
}

function isMarked(page: Page): Promise<boolean> {
  return page.evaluate(() => (window as { marked?: boolean }).marked === true)
}
