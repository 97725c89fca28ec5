import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test } from 'vitest'
import { agreeOnOrigin, agreeOnSocketOrigin } from '../../src/plugin/dev/django/one-origin.ts'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { rawRequest } from '../support/raw-request.ts'
import { tree } from '../support/tree.ts'

/** What decides in Django's check against request forgery. */
function seen({ headers }: IncomingMessage): string {
  const { host, origin, referer, 'x-forwarded-proto': scheme } = headers
  return JSON.stringify({ host, origin, referer, scheme })
}

/** Stands for Django where what matters is what it is asked. */
async function startOther(handler: RequestListener) {
  const server = createServer(handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.each(Object.keys(devVites))('with %s', version => {
  async function start(options: Options) {
    const root = await tree({ 'static/a.css': 'a{}', 'static/app.ts': 'export {}' })
    const all = { dirs: ['static'], entries: ['app.ts'], ...options }
    const dev = await startDevServer(root, all, { version })
    const post = async (...headers: string[]) => {
      const lines = ['POST /form/ HTTP/1.1', ...headers, 'Content-Length: 0', 'Connection: close']
      const [, body = ''] = (await rawRequest(dev.origin, lines)).split('\r\n\r\n')
      return JSON.parse(/\{.*\}/su.exec(body)?.[0] ?? '{}')
    }
    return { ...dev, post, host: new URL(dev.origin).host }
  }

  test('a static name that no finder here has goes to Django before it is 404', async () => {
    const asked: string[] = []
    const proxy = await startOther((req, res) => {
      asked.push(`${req.method} ${req.url}`)
      if (req.url?.startsWith('/static/login')) return void res.writeHead(302, { Location: '/' }).end()
      res.statusCode = req.url?.startsWith('/static/nowhere') ? 404 : 200
      res.setHeader('Content-Type', req.url?.startsWith('/static/page') ? 'text/html' : 'text/css')
      res.end('from Django')
    })
    const { origin, output } = await start({ proxy })
    const found = await fetch(`${origin}/static/bird/card%20a.css?v=1`)
    expect([found.status, found.headers.get('content-type'), await found.text()]).toEqual([
      ...[200, 'text/css', 'from Django'],
    ])
    expect(asked).toEqual(['GET /static/bird/card%20a.css?v=1'])
    const missing = await fetch(`${origin}/static/nowhere.css`)
    expect([missing.status, await missing.text()]).toEqual([
      404,
      expect.stringContaining('no finder has this file'),
    ])
    for (const name of ['login.js', 'page.js'])
      expect((await fetch(`${origin}/static/${name}`)).status).toBe(404)
    expect(asked).toHaveLength(4)
    expect(await (await fetch(`${origin}/static/a.css`)).text()).toBe('a{}')
    expect(asked).toHaveLength(4)
    expect(output.join('\n')).not.toContain('card')
  })

  test('without Django, and without the file, a static name is 404', async () => {
    const { origin } = await start({ proxy: 'http://127.0.0.1:9' })
    expect((await fetch(`${origin}/static/nowhere.css`)).status).toBe(404)
  })

  test("without `proxy`, URLs of Django lead from Vite's port to Django, once it is known", async () => {
    const { origin } = await start({})
    const get = (url: string, headers = {}) => fetch(origin + url, { redirect: 'manual', headers })
    const before = await get('/media/photo.jpg')
    expect([before.status, await before.text()]).toEqual([404, expect.stringContaining('`proxy`')])
    await get('/static/app.ts', { Origin: 'http://127.0.0.1:8000' })
    const after = await get('/media/photo.jpg?size=2')
    expect([after.status, after.headers.get('location')]).toEqual([
      307,
      'http://127.0.0.1:8000/media/photo.jpg?size=2',
    ])
    expect((await get('/static/nowhere.css')).status).toBe(404)
  })

  test('a form is as the browser sent it if everybody agrees, or if another site sent it', async () => {
    const { post, origin, host } = await start({ proxy: await startOther((req, res) => res.end(seen(req))) })
    expect(await post(`Origin: ${origin}`, `Referer: ${origin}/a/`)).toEqual({
      ...{ host, origin, referer: `${origin}/a/`, scheme: 'http' },
    })
    const evil = 'https://evil.example'
    for (const more of [[], ['X-Forwarded-Host: mysite.example', 'X-Forwarded-Proto: https']]) {
      expect(await post(`Origin: ${evil}`, `Referer: ${evil}/`, ...more)).toMatchObject({ origin: evil })
    }
  })

  test('a form that comes through a tunnel, or by HTTPS, is of the origin that Django is asked under', async () => {
    const { post, host } = await start({ proxy: await startOther((req, res) => res.end(seen(req))) })
    const page = 'https://name-5173.app.github.dev'
    const tunnel = ['X-Forwarded-Host: name-5173.app.github.dev', 'X-Forwarded-Proto: https']
    const through = await post(`Origin: ${page}`, `Referer: ${page}/form/`, ...tunnel)
    expect(through).toMatchObject({ host, referer: `${page}/form/` })
    expect(through.origin).toBeUndefined()
    // `server.https`, or a tunnel that hands the host on.
    const secure = await post(`Origin: https://${host}`, `Referer: https://${host}/form/`)
    expect(secure.origin).toBeUndefined()
    // Django would then refuse the request for want of both.
    expect(await post(`Origin: https://${host}`)).toMatchObject({ origin: `https://${host}` })
  })

  test('a refused form names the setting', async () => {
    const { post, output, origin } = await start({
      proxy: await startOther((_req, res) => res.writeHead(403).end()),
    })
    await post(`Origin: ${origin}`)
    expect(output.join('\n')).not.toContain('CSRF_TRUSTED_ORIGINS')
    await post('Origin: https://mysite.example')
    expect(output.join('\n')).toContain('CSRF_TRUSTED_ORIGINS = ["https://mysite.example"]')
    expect(output.join('\n')).toContain('SECURE_PROXY_SSL_HEADER')
  })
})

describe('Django behind HTTPS', () => {
  const asked = (
    agree: typeof agreeOnOrigin,
    headers: Record<string, string>,
    target = 'https://localhost:8443',
  ) => {
    const named = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
    const outgoing = request('http://127.0.0.1:9', { headers: Object.fromEntries(named) })
    outgoing.on('error', () => {})
    agree(outgoing, { headers } as unknown as IncomingMessage, target)
    outgoing.destroy()
    return outgoing.getHeaders()
  }
  const page = 'http://localhost:5173'

  test('sees HTTPS in a form', () => {
    const headers = { host: 'localhost:5173', origin: page, referer: `${page}/form/?a=1` }
    const form = asked(agreeOnOrigin, headers)
    expect(form).toMatchObject({ host: 'localhost:5173', referer: 'https://localhost:5173/form/?a=1' })
    expect(form.origin).toBeUndefined()
    const { referer: _, ...bare } = headers
    expect(asked(agreeOnOrigin, bare)).toMatchObject({ origin: 'https://localhost:5173' })
    const foreign = { ...headers, origin: 'http://evil.example' }
    expect(asked(agreeOnOrigin, foreign)).toMatchObject(foreign)
  })

  test('is asked in HTTP/2 too, which has no `Host`', () => {
    const origin = 'https://localhost:5173'
    const headers = { ':authority': 'localhost:5173', origin, referer: `${origin}/form/` }
    const seenByDjango = asked(agreeOnOrigin, headers, 'http://127.0.0.1:8000')
    expect(seenByDjango).toMatchObject({ referer: `${origin}/form/` })
    expect(seenByDjango.origin).toBeUndefined()
  })

  test('has WebSockets of its own host, also through a tunnel', () => {
    const headers = { host: 'localhost:5173', origin: 'https://a.example', 'x-forwarded-host': 'a.example' }
    expect(asked(agreeOnSocketOrigin, headers)).toMatchObject({ origin: 'https://localhost:5173' })
    const foreign = { ...headers, 'x-forwarded-host': 'b.example' }
    expect(asked(agreeOnSocketOrigin, foreign)).toMatchObject({ origin: 'https://a.example' })
  })
})
