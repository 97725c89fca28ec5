import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { eventually, LONGEST_WAIT } from './eventually.ts'

/** Debian's, as no browser is downloaded. */
export const CHROMIUM: string | undefined = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(file => existsSync(file))

/** Has it run, without a window, for the tests of a `describe`. */
export function useChromium(): () => Browser {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(() => browser?.close())
  return () => browser
}

/** A page, and what went wrong in it. */
export interface WatchedPage {
  readonly page: Page
  /** Errors in the console, uncaught errors, and answers of 400 and above. */
  readonly problems: string[]
  /** The URLs of all answers. */
  readonly loaded: string[]
  /** Waits until Vite's client has connected so often: it misses what changes before. */
  connected(times?: number): Promise<void>
}

/** Opens a page that reports its problems. */
export async function watchedPage(browser: Browser): Promise<WatchedPage> {
  const page = await browser.newPage()
  page.setDefaultTimeout(LONGEST_WAIT)
  const problems: string[] = []
  const loaded: string[] = []
  let connections = 0
  page.on('console', message => {
    if (message.text() === '[vite] connected.') connections++
    // The admin has no icon, and a browser asks for one.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
      problems.push(message.text())
  })
  page.on('pageerror', error => problems.push(error.message))
  page.on('response', response => {
    loaded.push(response.url())
    if (response.status() >= 400 && !response.url().endsWith('/favicon.ico'))
      problems.push(`${response.status()} ${response.url()}`)
  })
  return {
    ...{ page, problems, loaded },
    connected: (times = 1) => eventually(() => expect(connections).toBe(times)),
  }
}
