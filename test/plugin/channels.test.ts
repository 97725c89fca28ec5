import { spawn } from 'node:child_process'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { describeNewestDjango } from '../support/live-django.ts'
import { freePort, untilAnswers } from '../support/processes.ts'
import { tree } from '../support/tree.ts'

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  describeNewestDjango('a WebSocket of Channels', ({ python }) => {
    const browser = useChromium()

    test.each(Object.keys(devVites))(
      'works on the port of %s, whose Host and Origin Channels accepts',
      async version => {
        const port = await freePort()
        const app = ['--app-dir', path.join(import.meta.dirname, '../django'), 'channels_site:application']
        const server = spawn(python, ['-m', 'uvicorn', ...app, '--port', String(port)], {
          stdio: 'ignore',
          env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
        })
        onTestFinished(() => void server.kill())
        const proxy = `http://127.0.0.1:${port}`
        await untilAnswers(proxy)
        const root = await tree({ 'static/a.txt': 'a' })
        const { origin } = await startDevServer(root, { dirs: ['static'], proxy }, { version })
        const { page, problems } = await watchedPage(browser())
        await page.goto(origin)
        const large = 'x'.repeat(200_000)
        const echoed = await page.evaluate(async text => {
          const socket = new WebSocket(`ws://${location.host}/ws/echo/`)
          await new Promise(resolve => socket.addEventListener('open', resolve))
          const answer = new Promise<string>(resolve =>
            socket.addEventListener('message', ({ data }) => resolve(data)),
          )
          socket.send(text)
          return answer
        }, large)
        expect(echoed === large).toBe(true)
        expect(problems).toEqual([])
      },
    )
  })
})
