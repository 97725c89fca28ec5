import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import fastify from 'fastify'
import { Hono } from 'hono'
import { createFetchHandler, createStaticHandler } from 'vite-plugin-staticfiles/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, listen } from '../support/static-server.ts'
import { tree } from '../support/tree.ts'

const PATHS = '{"paths": {"a.css": "a.0123456789ab.css"}, "version": "1.1", "hash": "0"}'
const FILES = {
  'staticfiles.json': PATHS,
  'a.css': 'a {}',
  'a.0123456789ab.css': 'a {}',
  'a.0123456789ab.css.br': 'br',
}

type App = RequestListener & { use(...args: unknown[]): void; get(...args: unknown[]): void }

/** It has no types of its own. */
async function express(): Promise<App> {
  const { default: create } = (await import('express' as string)) as { default: () => App }
  return create()
}

/** How docs/server.md says it, for each framework; each answers `/` too, and with 404 what nobody has. */
const FRAMEWORKS: Record<string, (root: string) => Promise<string>> = {
  async 'node:http'(root) {
    const serve = createStaticHandler({ root })
    return (await listen((req, res) => serve(req, res, () => app(req, res)))).origin
  },
  async Express(root) {
    const site = await express()
    site.use(createStaticHandler({ root }))
    site.get('/', (_: IncomingMessage, res: ServerResponse) => res.end('app'))
    return (await listen(site)).origin
  },
  async 'Express, mounted'(root) {
    const site = await express()
    site.use('/static', createStaticHandler({ root, staticUrl: '/' }))
    site.get('/', (_: IncomingMessage, res: ServerResponse) => res.end('app'))
    return (await listen(site)).origin
  },
  async Fastify(root) {
    const serve = createStaticHandler({ root })
    const site = fastify()
    site.all('/static/*', (request, reply) => {
      reply.hijack()
      serve(request.raw, reply.raw)
    })
    site.get('/', async () => 'app')
    onTestFinished(() => site.close())
    return site.listen({ port: 0, host: '127.0.0.1' })
  },
  async Hono(root) {
    const serve = createFetchHandler({ root })
    const site = new Hono()
    site.all('/static/*', context => serve(context.req.raw))
    site.get('/', context => context.text('app'))
    // As @hono/node-server does it, in short.
    const { origin } = await listen(async (req, res) => {
      const request = new Request(`http://localhost${req.url}`, {
        method: req.method!,
        headers: req.headers as HeadersInit,
      })
      const response = await site.fetch(request)
      res.writeHead(response.status, Object.fromEntries(response.headers))
      res.end(Buffer.from(await response.arrayBuffer()))
    })
    return origin
  },
}

function app({ url }: IncomingMessage, res: ServerResponse): void {
  res.writeHead(url === '/' ? 200 : 404).end('app')
}

describe.each(Object.entries(FRAMEWORKS))('with %s', (_, start) => {
  test('files, conditions and what is not there are answered, and the rest is left', async () => {
    const origin = await start(await tree(FILES))
    const whole = await ask(origin, '/static/a.0123456789ab.css', { 'accept-encoding': 'br' })
    expect([whole.status, whole.text, whole.headers['content-encoding']]).toEqual([200, 'br', 'br'])
    expect(whole.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const etag = whole.headers.etag!
    const headers = { 'accept-encoding': 'br', 'if-none-match': etag }
    expect((await ask(origin, '/static/a.0123456789ab.css', headers)).status).toBe(304)
    expect((await ask(origin, '/static/a.css', {}, 'HEAD')).headers['content-length']).toBe('4')
    expect((await ask(origin, '/static/a.css', {}, 'DELETE')).status).toBe(405)
    expect((await ask(origin, '/static/none.css')).status).toBe(404)
    expect((await ask(origin, '/')).text).toBe('app')
    expect((await ask(origin, '/none')).status).toBe(404)
  })
})
