import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { resolveConfig } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { HeadInjection } from '../../src/plugin/dev/django/head-injection.ts'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/processes.ts'
import { rawRequest, webSocketRequest } from '../support/raw-request.ts'
import { tree } from '../support/tree.ts'

const PAGE = '<!doctype html><html><head lang="en"><title>Django</title></head><body></body></html>'
const SCRIPT = '<script type="module" src="/static/@id/virtual:staticfiles/client"></script>'
const DOCUMENT = { 'Sec-Fetch-Dest': 'document' }

type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** Stands for Django where what matters is how bytes arrive. */
async function startOther(handler: Handler, port = 0): Promise<{ server: Server; origin: string }> {
  const server = createServer(handler)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe.each(Object.keys(devVites))('with %s', version => {
  async function start(handler: Handler, config: object = {}) {
    const other = await startOther(handler)
    const root = await tree({ 'static/a.txt': 'a', 'static/app.ts': 'export {}' })
    const dev = await startDevServer(root, { dirs: ['static'], proxy: other.origin }, { version, config })
    const get = (url: string, headers: Record<string, string> = {}) =>
      fetch(dev.origin + url, { headers, redirect: 'manual' })
    return { ...dev, ...other, origin: dev.origin, django: other.origin, get }
  }

  test('everything outside the static URL goes to Django, under the host that the browser used', async () => {
    const { get, origin } = await start((req, res) => {
      res.setHeader('Set-Cookie', ['a=1; HttpOnly', 'b=2'])
      res.writeHead(302, 'Moved on', { Location: `http://${req.headers.host}/next/` })
      res.end(JSON.stringify([req.method, req.url, req.headers['x-forwarded-host']]))
    })
    const { host } = new URL(origin)
    const response = await get('/staticless/?q=%20')
    expect([response.status, response.statusText]).toEqual([302, 'Moved on'])
    expect(response.headers.get('location')).toBe(`${origin}/next/`)
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2'])
    expect(await response.json()).toEqual(['GET', '/staticless/?q=%20', host])
    expect(await (await get('/static/a.txt')).text()).toBe('a')
    expect((await get('/static/nowhere.txt')).status).toBe(404)
    expect((await get('/static/@vite/client')).headers.get('content-type')).toMatch(/javascript/)
  })

  test('the URL arrives as the browser wrote it, and OPTIONS are for Django', async () => {
    const { origin, get } = await start((req, res) => {
      res.setHeader('Allow', 'GET')
      res.end(`${req.method} ${req.url}`)
    })
    const target = "/a/../b/%2e/{x}|\"?next=/c/?d=%20&e='f'?g"
    expect(await rawRequest(origin, [`GET ${target} HTTP/1.1`, 'Connection: close'])).toMatch(
      new RegExp(`\r\n\r\n.*GET ${literal(target)}`, 's'),
    )
    const options = await fetch(`${origin}/api/`, { method: 'OPTIONS', headers: { Origin: origin } })
    expect([options.headers.get('allow'), await options.text()]).toEqual(['GET', 'OPTIONS /api/'])
    // Which other origins may read Django's answers, Django says.
    const other = await get('/', { Origin: 'http://localhost:1234' })
    expect([other.headers.get('access-control-allow-origin'), other.headers.get('vary')]).toEqual([
      null,
      null,
    ])
  })

  test("with an index.html in Vite's root all pages are Django's", async () => {
    const other = await startOther((req, res) => res.end(`django ${req.url}`))
    const root = await tree({ 'static/a.txt': 'a', 'index.html': 'index' })
    const options = { dirs: ['static'], proxy: other.origin }
    const { origin } = await startDevServer(root, options, { version })
    for (const url of ['/', '/index.html', '/polls/'])
      expect(await (await fetch(origin + url, { headers: DOCUMENT })).text()).toBe(`django ${url}`)
  })

  test("what lies below the user's own base stays with Vite", async () => {
    const { get } = await start((_req, res) => res.setHeader('Content-Type', 'text/html').end(PAGE), {
      base: '/assets/',
    })
    expect((await get('/assets/@vite/client')).headers.get('content-type')).toMatch(/javascript/)
    expect(await (await get('/static/a.txt')).text()).toBe('a')
    expect(await (await get('/', DOCUMENT)).text()).toContain('src="/assets/@id/virtual:staticfiles/client"')
  })

  test("the client brings in Vite's", async () => {
    const { get } = await start((_req, res) => res.end())
    const client = await get('/static/@id/virtual:staticfiles/client')
    expect(await client.text()).toContain('/static/@vite/client')
  })

  test("the user's own proxies come first", async () => {
    const api = await startOther((_req, res) => res.end('api'))
    const { get } = await start((_req, res) => res.end('django'), {
      server: { proxy: { '/api': api.origin } },
    })
    expect(await (await get('/api/x')).text()).toBe('api')
    expect(await (await get('/x')).text()).toBe('django')
  })

  test('pages get the client, and nothing else does', async () => {
    const { get } = await start((req, res) => {
      const type = req.url === '/json' ? 'application/json' : 'text/html; charset=utf-8'
      res.setHeader('Content-Type', type)
      if (req.url === '/nonce') {
        res.setHeader(
          'Content-Security-Policy',
          "default-src 'self'; style-src 'nonce-style'; script-src 'nonce-AbC12+/='",
        )
      }
      const body = req.url === '/headless' ? '<p>ü' : PAGE
      const accepted = /gzip/.test(req.headers['accept-encoding'] ?? '') && req.url !== '/json'
      const compressed = accepted || req.url === '/always-gzip'
      if (compressed) res.setHeader('Content-Encoding', 'gzip')
      const bytes = compressed ? gzipSync(body) : Buffer.from(body)
      res.setHeader('Content-Length', bytes.length)
      res.end(bytes)
    })
    const text = async (url: string, headers?: Record<string, string>) => (await get(url, headers)).text()
    const withScript = PAGE.replace('<head lang="en">', `$&${SCRIPT}`)
    expect(await text('/', { ...DOCUMENT, 'Accept-Encoding': 'gzip' })).toBe(withScript)
    expect(await text('/', { Accept: 'text/html' })).toBe(withScript)
    expect(await text('/', { 'Sec-Fetch-Dest': 'empty', Accept: 'text/html' })).toBe(PAGE)
    expect(await text('/json', DOCUMENT)).toBe(PAGE)
    expect(await text('/headless', DOCUMENT)).toBe('<p>ü')
    expect(await text('/always-gzip', DOCUMENT)).toBe(PAGE)
    expect(await text('/nonce', DOCUMENT)).toContain(SCRIPT.replace(' src', ' nonce="AbC12+/=" src'))
    const compressed = await get('/', { 'Accept-Encoding': 'gzip', 'Sec-Fetch-Dest': 'empty' })
    expect(compressed.headers.get('content-encoding')).toBe('gzip')
  })

  test('the client finds a head that comes in parts, and one far down is left alone', async () => {
    const { get } = await start(async (req, res) => {
      res.setHeader('Content-Type', 'text/html')
      const parts = req.url === '/far' ? ['x'.repeat(70_000), '<head>'] : ['<!doctype html><he', 'ad>', 'end']
      for (const part of parts) {
        res.write(part)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      res.end()
    })
    expect(await (await get('/', DOCUMENT)).text()).toBe(`<!doctype html><head>${SCRIPT}end`)
    expect(await (await get('/far', DOCUMENT)).text()).toBe(`${'x'.repeat(70_000)}<head>`)
  })

  test('a page without a head is not held back', async () => {
    let goOn = () => {}
    const { get } = await start((_req, res) => {
      res.setHeader('Content-Type', 'text/html')
      res.write('<p>one')
      goOn = () => res.end('<p>two')
    })
    const response = await get('/', DOCUMENT)
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('<p>one')
    goOn()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('<p>two')
  })

  test('Django learns that the browser has gone before the answer', async () => {
    const gone = vi.fn()
    const asked = vi.fn()
    const { origin, output } = await start((_req, res) => {
      asked()
      res.on('close', gone)
    })
    const abort = new AbortController()
    const response = fetch(origin, { signal: abort.signal })
    await eventually(() => expect(asked).toHaveBeenCalled())
    abort.abort()
    await expect(response).rejects.toThrow()
    await eventually(() => expect(gone).toHaveBeenCalled())
    expect(output.join('\n')).not.toContain('Django')
  })

  test('an answer that comes before the upload has ended arrives', async () => {
    const { origin } = await start((req, res) => {
      res.writeHead(413, { 'Content-Length': 9 }).write('too large')
      req.resume().on('end', () => res.end())
    })
    const response = await fetch(`${origin}/`, { method: 'POST', body: Buffer.alloc(5_000_000) })
    expect([response.status, await response.text()]).toEqual([413, 'too large'])
  })

  test('answers stream, and stop where one side goes away', async () => {
    let goOn = () => {}
    const gone = vi.fn()
    const { get } = await start((req, res) => {
      res.on('close', gone)
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.flushHeaders()
      goOn = () => res.write('data: one\n\n')
      if (req.url === '/broken') setTimeout(() => res.destroy(), 50)
    })
    const response = await get('/events')
    const reader = response.body!.getReader()
    goOn()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('data: one\n\n')
    expect(gone).not.toHaveBeenCalled()
    await reader.cancel()
    await eventually(() => expect(gone).toHaveBeenCalled())
    await expect((await get('/broken')).text()).rejects.toThrow()
  })

  test('large uploads arrive whole', async () => {
    const { origin } = await start((req, res) => {
      const hash = createHash('md5')
      req.on('data', data => hash.update(data)).on('end', () => res.end(hash.digest('hex')))
    })
    const bytes = Buffer.alloc(50_000_000, 'upload ')
    const response = await fetch(`${origin}/upload/`, { method: 'POST', body: bytes })
    expect(await response.text()).toBe(createHash('md5').update(bytes).digest('hex'))
  })

  test('HEAD and 304 have no body', async () => {
    const { get, origin } = await start((req, res) => {
      res.setHeader('Content-Type', 'text/html')
      if (req.headers['if-none-match']) res.writeHead(304).end()
      else res.end(req.method === 'HEAD' ? undefined : PAGE)
    })
    expect((await get('/', { ...DOCUMENT, 'If-None-Match': '"x"' })).status).toBe(304)
    const head = await fetch(origin, { method: 'HEAD', headers: DOCUMENT })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test("WebSockets reach Django, and Vite's own stays with Vite", async () => {
    const { server, origin } = await start((_req, res) => res.end())
    const vites = (url: string) => webSocketRequest(url, 'Sec-WebSocket-Protocol: vite-hmr')
    const asked: string[] = []
    server.on('upgrade', (req, socket) => {
      asked.push(req.url!)
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
      socket.pipe(socket)
    })
    expect(
      await rawRequest(origin, webSocketRequest('/ws/chat/'), { send: 'ping', until: 'ping' }),
    ).toContain('ping')
    expect(await rawRequest(origin, vites('/static/'), { until: '\r\n\r\n' })).toMatch(/^HTTP\/1\.1 101/)
    // A page of another project that had this port before.
    expect(await rawRequest(origin, vites('/'))).toMatch(/^HTTP\/1\.1 404/)
    expect(asked).toEqual(['/ws/chat/'])
  })

  test('while Django is down, pages wait for it and say so', async () => {
    const { get, django, server, output, origin } = await start((_req, res) => res.end('up'))
    expect((await get('/static/__staticfiles/django')).status).toBe(204)
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    const page = await get('/polls/?<b>', DOCUMENT)
    expect([page.status, page.headers.get('cache-control')]).toEqual([503, 'no-store'])
    const html = await page.text()
    expect(html).toContain(django)
    expect(html).toContain(`python manage.py runserver ${new URL(django).port}`)
    expect(html).toContain('GET /polls/?')
    expect(html).not.toContain('<b>')
    expect((await get('/static/__staticfiles/django')).status).toBe(503)
    const form = await fetch(`${origin}/polls/`, { method: 'POST', headers: DOCUMENT, body: 'a=1' })
    expect(await form.text()).not.toContain('<script>')
    expect(await (await get('/api')).text()).toBe(
      `Django does not answer at ${django}. Start it with: python manage.py runserver ${new URL(django).port}\n`,
    )
    // Once, and without a stack trace.
    expect(output.filter(line => line.includes('Django does not answer'))).toHaveLength(1)
    expect(output.join('\n')).not.toMatch(/proxy error|\bat .*node:/)
    await startOther((_req, res) => res.end('back'), Number(new URL(django).port))
    expect((await get('/static/__staticfiles/django')).status).toBe(204)
    expect(await (await get('/polls/', DOCUMENT)).text()).toBe('back')
  })
})

test.each([
  ['a comment', '<!-- <head> --><html><head>'],
  [
    'other tags',
    '\ufeff<?xml version="1.0"?>\n<!doctype html>\n<HTML data-a="a > b">\n<HEAD data-b="c > d">',
  ],
])('the head is found behind %s', async (_title, start) => {
  const page = `${start}<title>ü</title>`
  expect(await injected(page)).toBe(`${start}INJECTED<title>ü</title>`)
})

test.each(['<p><head>', '<header>', '<!-- <head> -->', 'x<head>', '<html><body><head>', ''])(
  'nothing is put into %s',
  async page => expect(await injected(page)).toBe(page),
)

test('an upgrade while Django is down is refused', async () => {
  const root = await tree({ 'static/a.txt': 'a' })
  const proxy = `http://127.0.0.1:${await freePort()}`
  const { origin } = await startDevServer(root, { dirs: ['static'], proxy })
  expect(await rawRequest(origin, webSocketRequest('/ws/'))).toMatch(/^HTTP\/1\.1 503/)
})

test('what waiting does not mend is said, and no page waits for it', async () => {
  const other = await startOther((_req, res) => res.socket!.end('no HTTP at all\r\n\r\n'))
  const root = await tree({ 'static/a.txt': 'a' })
  const { origin, output } = await startDevServer(root, { dirs: ['static'], proxy: other.origin })
  const response = await fetch(origin, { headers: DOCUMENT })
  expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/plain;charset=utf-8'])
  expect(await response.text()).toContain(`Django cannot be asked at ${other.origin} (HPE_`)
  expect(output.filter(line => line.includes('Django cannot be asked'))).toHaveLength(1)
})

test("where every URL is Vite's, it says that nothing goes to Django", async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  const root = await tree({ 'static/a.txt': 'a' })
  const options = { dirs: ['static'], proxy: 'http://127.0.0.1:9' }
  const { server } = await startDevServer(root, options, { config: { base: '/' } })
  expect(server.config.server.proxy).toBeUndefined()
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('`proxy` has no effect'))
})

test('vite preview does not take over the proxy', async () => {
  const root = await tree({ 'static/a.txt': 'a', 'staticfiles/a.txt': 'a' })
  const config = await resolveConfig(
    { root, configFile: false, plugins: [staticfiles({ dirs: ['static'], proxy: 'http://127.0.0.1:9' })] },
    'serve',
    'production',
    'production',
    true,
  )
  expect(config.preview.proxy).toBeUndefined()
})

/** What becomes of a page that arrives byte by byte. */
async function injected(page: string): Promise<string> {
  const bytes = [...Buffer.from(page)].map(byte => Buffer.from([byte]))
  const stream = Readable.from(bytes).pipe(new HeadInjection('INJECTED'))
  return Buffer.concat(await stream.toArray()).toString()
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')
}
