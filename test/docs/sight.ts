import { spawn } from 'node:child_process'
import type { Browser } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { watchedPage } from '../support/chromium.ts'
import { freePort, untilAnswers } from '../support/processes.ts'
import { projectEnvironment } from './mysite.ts'

/** What a browser makes of the page. */
export interface Sight {
  readonly title: string
  readonly menu: string | undefined
  readonly color: string
  readonly padding: string
  readonly background: boolean
  readonly images: number[]
}

/** Opens the page as production serves it; `problems` are empty. */
export async function look(browser: Browser, root: string): Promise<{ sight: Sight; loaded: string[] }> {
  const port = await freePort()
  const server = spawn(
    'python',
    ['manage.py', 'runserver', '--noreload', '--nostatic', `127.0.0.1:${port}`],
    {
      cwd: root,
      env: projectEnvironment(root),
      stdio: 'ignore',
    },
  )
  onTestFinished(() => void server.kill())
  const origin = `http://127.0.0.1:${port}/`
  await untilAnswers(origin)
  const { page, problems, loaded } = await watchedPage(browser)
  await page.goto(origin, { waitUntil: 'networkidle' })
  const sight = await page.evaluate(() => {
    const style = getComputedStyle(document.querySelector('h1')!)
    return {
      ...{ title: document.title, menu: document.documentElement.dataset.menu },
      ...{ color: style.color, padding: style.paddingLeft, background: style.backgroundImage !== 'none' },
      images: [...document.images].map(image => image.naturalWidth),
    }
  })
  await page.close()
  server.kill()
  expect(problems.filter(problem => !problem.includes('favicon'))).toEqual([])
  return {
    sight,
    loaded: loaded.map(url => new URL(url).pathname).filter(url => url.startsWith('/static/')),
  }
}
