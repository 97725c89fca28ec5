import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { describeNewestDjango } from '../support/live-django.ts'
import { buildPlayground } from '../support/playground.ts'
import { freePort } from '../support/processes.ts'
import { servePlayground } from '../support/serve-playground.ts'

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  describeNewestDjango('the built playground', django => {
    let project: string
    let server: ChildProcess
    let origin: string
    const browser = useChromium()

    beforeAll(async () => {
      project = await buildPlayground(django)
      origin = `http://127.0.0.1:${await freePort()}`
      server = await servePlayground(django, project, origin)
    })

    afterAll(() => {
      server?.kill()
      rmSync(project, { recursive: true, force: true })
    })

    test('loads every file of its pages, and reports no error', async () => {
      for (const path of ['/', '/polls/', '/polls/1/', '/gallery/', '/admin/login/']) {
        const { page, problems, loaded } = await open(path)
        expect(problems, path).toEqual([])
        expect(loaded.filter(url => url.includes('/static/')).length, path).toBeGreaterThan(0)
        await page.close()
      }
    })

    test('runs bundled TypeScript, its chunks and its worker, and applies its styles', async () => {
      const { page, loaded, problems } = await open('/polls/1/')
      await page.locator('.choice__share', { hasText: '%' }).first().waitFor()
      await page.locator('.choice__margin', { hasText: 'points' }).first().waitFor()
      expect(await page.locator('h1').evaluate(h1 => getComputedStyle(h1).fontFamily)).toContain('Inter')
      const scripts = loaded.map(url => new URL(url).pathname).filter(path => path.endsWith('.js'))
      expect(scripts.length).toBeGreaterThan(1)
      // Each module under one URL, and that URL hashed.
      expect(scripts.filter(path => !/\.[0-9a-f]{12}\.js$/.test(path))).toEqual([])
      expect(new Set(scripts.map(path => path.replace(/\.[0-9a-f]{12}/, ''))).size).toBe(scripts.length)
      expect(problems).toEqual([])
    })

    test('runs collected modules that import one another', async () => {
      const { page, problems } = await open('/gallery/')
      await page.locator('[data-lightbox] a').first().click()
      const picture = page.locator('dialog > img')
      const before = await picture.getAttribute('src')
      await page.keyboard.press('ArrowRight')
      expect(await picture.getAttribute('src')).not.toBe(before)
      expect(problems).toEqual([])
    })

    async function open(path: string) {
      const watched = await watchedPage(browser())
      await watched.page.goto(origin + path, { waitUntil: 'networkidle' })
      return watched
    }
  })
})
