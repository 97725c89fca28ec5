import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { startDevServer } from '../support/dev-server.ts'
import { tree } from '../support/tree.ts'
import { untilWatched } from '../support/watches.ts'

const FILES = {
  'static/shop/app.tsx': `
    import { createRoot } from 'react-dom/client'
    import { Counter } from './counter'
    createRoot(document.getElementById('root')!).render(<Counter />)`,
  'static/shop/counter.tsx': `
    import { useState } from 'react'
    import styles from './counter.module.css'
    export function Counter() {
      const [count, setCount] = useState(0)
      return <button className={styles.counter} onClick={() => setCount(count + 1)}>Clicked {count}</button>
    }`,
  'static/shop/counter.module.css': '.counter { color: rgb(1, 2, 3) }',
}

describe.runIf(CHROMIUM || process.env.CI)('in Chromium', () => {
  const browser = useChromium()

  test.each(['proxy', 'STATIC_URL'])(
    'React refreshes components and keeps their state, with no tag but the entry, %s',
    async mode => {
      const root = await tree(FILES)
      symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'), 'junction')
      let entry = '/static/shop/app.tsx'
      const pages = createServer((_req, res) => {
        res.setHeader('Content-Type', 'text/html')
        res.end(`<!doctype html><html><head></head><body><div id="root"></div>
          <script type="module" src="${entry}"></script></body></html>`)
      })
      await new Promise<void>(resolve => pages.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => {
        pages.closeAllConnections()
        pages.close()
      })
      const django = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
      const { origin } = await startDevServer(
        root,
        { dirs: ['static'], entries: ['shop/app.tsx'], ...(mode === 'proxy' && { proxy: django }) },
        { config: { plugins: [react()] } },
      )
      if (mode === 'STATIC_URL') entry = origin + entry
      const { page, problems, connected } = await watchedPage(browser())
      await page.goto(mode === 'proxy' ? origin : django)
      await connected()
      const button = page.getByRole('button')
      await button.click()
      await button.filter({ hasText: 'Clicked 1' }).waitFor()
      expect(await button.evaluate(element => getComputedStyle(element).color)).toBe('rgb(1, 2, 3)')
      const file = path.join(root, 'static/shop/counter.tsx')
      await untilWatched(file)
      writeFileSync(file, readFileSync(file, 'utf8').replace('Clicked', 'Pressed'))
      await button.filter({ hasText: 'Pressed 1' }).waitFor()
      expect(problems).toEqual([])
      await page.close()
    },
  )
})
