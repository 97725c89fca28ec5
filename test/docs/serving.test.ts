import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { untilListens } from '../support/ports.ts'
import { freePort } from '../support/processes.ts'
import { ask } from '../support/static-server.ts'
import { absence, startCaddy, startNginx } from '../support/web-servers.ts'
import { buildMysite, mysite, pathsOf, shell } from './mysite.ts'
import { blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'
import { typeErrors } from './typescript.ts'

// Each builds a project.
vi.setConfig({ testTimeout: 300_000 })

describeDocs('a server of the pages', () => {
  describe.skipIf(absence('nginx') && !process.env.CI)('nginx (skipped without it)', () => {
    test.each(blocksOf('nginx'))('%s serves a build, and hands over the rest', async (_, { text }) => {
      const { root, django } = await siteWith('nginx')
      const port = await freePort()
      const config = text
        .replace('server {', 'server {\n    listen 80;')
        .replace('/srv/mysite', root)
        .replace('127.0.0.1:8000', django)
      const { origin, stop } = await startNginx(config, port)
      onTestFinished(() => void stop())
      await servesMysite(origin, root)
    })

    test('that is wrong does not start', async () => {
      await expect(startNginx('gzip_statik on;', await freePort())).rejects.toThrow(
        'unknown directive "gzip_statik"',
      )
    })
  })

  describe.skipIf(absence('caddy') && !process.env.CI)('Caddy (skipped without it)', () => {
    test.each(blocksOf('caddy'))('%s serves a build, and hands over the rest', async (_, { text }) => {
      const { root, django } = await siteWith('caddy')
      const port = await freePort()
      const config = text
        .replace('example.com', `http://127.0.0.1:${port}`)
        .replace('/srv/mysite', root)
        .replace('127.0.0.1:8000', django)
      const { origin, stop } = await startCaddy(config, port)
      onTestFinished(() => void stop())
      await servesMysite(origin, root)
    })
  })

  test.each(blocksOf('js static-server'))('%s serves a build', async (_, { text }) => {
    const root = await mysite()
    buildMysite(root)
    const port = await freePort()
    expect(typeErrors(root, 'script.js', text)).toEqual([])
    writeFileSync(
      path.join(root, 'script.mjs'),
      text.replace('.listen(8000)', `.listen(${port}, '127.0.0.1')`),
    )
    const server = spawn(process.execPath, ['script.mjs'], { cwd: root, stdio: 'ignore' })
    onTestFinished(() => void server.kill())
    const origin = `http://127.0.0.1:${port}`
    await untilListens(port)
    await servesStaticFiles(origin, root)
    expect((await ask(origin, '/polls/')).status).toBe(404)
  })

  test.each(blocksOf('text index'))('%s has the form of an index', async (_, { text }) => {
    const root = await mysite()
    buildMysite(root)
    const index = readFileSync(path.join(root, 'staticfiles/staticfiles.index.json'), 'utf8')
    const [head, content] = text.split('\n')
    expect(index.split('\n')[0]).toBe(head)
    const form = (line: string) => line.replace(/[0-9a-f]{12,}|\d+/gu, 'N').replace(/,?$/u, ',')
    expect(index.split('\n').map(form)).toContain(form(content!))
  })
})

/** README's project, built, with the part of a configuration that the command writes, and a server in Django's place. */
async function siteWith(server: 'nginx' | 'caddy'): Promise<{ root: string; django: string }> {
  const root = await mysite()
  buildMysite(root)
  shell(root, `npx staticfiles config ${server} --output staticfiles.${server}`)
  const django = createServer((_, response) => response.end('Django'))
  const port = await freePort()
  await new Promise<void>(resolve => django.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void django.close())
  return { root, django: `127.0.0.1:${port}` }
}

async function servesMysite(origin: string, root: string): Promise<void> {
  await servesStaticFiles(origin, root)
  expect((await ask(origin, '/polls/')).text).toBe('Django')
}

async function servesStaticFiles(origin: string, root: string): Promise<void> {
  const logo = await ask(origin, `/static/${pathsOf(root)['img/logo.svg']}`, { 'Accept-Encoding': 'br' })
  expect(logo.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'br',
    'access-control-allow-origin': '*',
  })
  const plain = await ask(origin, '/static/img/logo.svg')
  expect(plain.headers['cache-control']).toBe('public, max-age=60')
  expect(plain.text).toBe(readFileSync(path.join(root, 'static/img/logo.svg'), 'utf8'))
  expect((await ask(origin, '/static/img/none.svg')).status).toBe(404)
}
