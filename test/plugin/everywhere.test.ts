import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import path from 'node:path'
import type { InlineConfig } from 'vite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { devVites } from '../support/dev-server.ts'
import { describeNewestDjango } from '../support/live-django.ts'
import { buildPlayground, virtualEnvironment } from '../support/playground.ts'
import { freePort } from '../support/processes.ts'
import { servePlayground } from '../support/serve-playground.ts'

/** Where a name's bytes lie in the playground. */
const SERVED = {
  'img/logo.svg': 'static/img/logo.svg',
  'img/logo.svg?v=2': 'static/img/logo.svg',
  'img/logo%2Esvg': 'static/img/logo.svg',
  'polls/style.css': 'static/polls/style.css',
  'polls/ballot.png': 'polls/static/polls/ballot.png',
  'gallery/keys.js': 'gallery/static/gallery/keys.js',
  'odd/naïve file.txt': 'static/odd/naïve file.txt',
  'odd/na%C3%AFve%20file.txt': 'static/odd/naïve file.txt',
}

const NOT_FOUND = [
  'img/nowhere.svg',
  'img',
  'img/',
  'IMG/logo.svg',
  '.hidden.txt',
  '../manage.py',
  'img/../../manage.py',
  '%2e%2e/manage.py',
  '%252e%252e/manage.py',
  '..%2fmanage.py',
  '..%5cmanage.py',
  '..\\manage.py',
  'img/logo.svg%00',
  'img/logo.svg%00.txt',
  '/etc/passwd',
  '%2fetc/passwd',
]

const WHITENOISE = 'Django with WhiteNoise'
const SERVERS = [...Object.keys(devVites).flatMap(vite => [`${vite} dev`, `${vite} preview`]), WHITENOISE]

describeNewestDjango('one table of names', django => {
  const origins = new Map<string, string>()
  const closing: (() => unknown)[] = []
  let project: string

  beforeAll(async () => {
    project = await buildPlayground(django, addOddFiles)
    vi.stubEnv('VIRTUAL_ENV', virtualEnvironment(django))
    for (const [name, load] of Object.entries(devVites)) {
      const { createServer, preview } = await load()
      const dev = await (await createServer(await config())).listen()
      const previewed = await preview(await config())
      origins.set(`${name} dev`, `http://127.0.0.1:${dev.config.server.port}`)
      origins.set(`${name} preview`, `http://127.0.0.1:${previewed.config.preview.port}`)
      closing.push(
        () => dev.close(),
        () => previewed.close(),
      )
    }
    vi.unstubAllEnvs()
    const origin = `http://127.0.0.1:${await freePort()}`
    const whitenoise = await servePlayground(django, project, origin)
    origins.set(WHITENOISE, origin)
    closing.push(() => whitenoise.kill())
  })

  async function config(): Promise<InlineConfig> {
    const listen = { host: '127.0.0.1', port: await freePort() }
    return {
      root: project,
      configFile: path.join(project, 'vite.config.ts'),
      logLevel: 'silent',
      server: listen,
      preview: listen,
    }
  }

  afterAll(async () => {
    for (const close of closing) await close()
    rmSync(project, { recursive: true, force: true })
  })

  describe.each(SERVERS)('%s', server => {
    const ask = (name: string, headers: IncomingHttpHeaders = {}, method = 'GET') =>
      answerOf(new URL(origins.get(server)!), `/static/${name}`, headers, method)

    test.each(Object.entries(SERVED))('%s is served', async (name, source) => {
      const { status, body } = await ask(encodeSpaces(name))
      expect([status, body.equals(readFileSync(path.join(project, source)))]).toEqual([200, true])
    })

    test.each(NOT_FOUND)('%s is not found', async name => {
      const { status, body } = await ask(name)
      expect(status).toBe(404)
      expect(body.toString()).not.toMatch(/DJANGO_SETTINGS_MODULE|root:|hidden text/)
    })

    test('a file is no folder', async () => {
      expect((await ask('img/logo.svg/')).status).toBe(404)
    })

    test('HEAD, conditions and ranges are answered alike', async () => {
      const full = await ask('img/logo.svg')
      const head = await ask('img/logo.svg', {}, 'HEAD')
      const size = full.body.length
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, `${size}`, 0])
      expect(full.headers['content-type']).toMatch(/^image\/svg\+xml/)
      const etag = full.headers.etag!
      expect((await ask('img/logo.svg', { 'if-none-match': etag })).status).toBe(304)
      const part = await ask('polls/ballot.png', { range: 'bytes=1-3' })
      expect([part.status, part.body.toString()]).toEqual([206, 'PNG'])
    })
  })

  test('what a template names for an entry is served in development and in production', async () => {
    for (const server of SERVERS) {
      const origin = new URL(origins.get(server)!)
      for (const name of ['polls/app.ts', 'polls/app.css', 'css/site.scss']) {
        const { status, headers } = await answerOf(origin, `/static/${await urlFor(server, name)}`, {
          'sec-fetch-dest': name.endsWith('.ts') ? 'script' : 'style',
        })
        expect([server, name, status]).toEqual([server, name, 200])
        expect(headers['content-type'], server).toMatch(
          name.endsWith('.ts') ? /^(?:text|application)\/javascript/ : /^text\/css/,
        )
      }
    }
  })

  /** What `{% static %}` gives: the plain name in development, the hashed one after a build. */
  async function urlFor(server: string, name: string): Promise<string> {
    if (server.endsWith('dev')) return name
    const manifest = readFileSync(path.join(project, 'staticfiles/staticfiles.json'), 'utf8')
    return JSON.parse(manifest).paths[name]
  }
})

function addOddFiles(project: string): void {
  mkdirSync(path.join(project, 'static/odd'))
  writeFileSync(path.join(project, 'static/.hidden.txt'), 'hidden text')
  writeFileSync(path.join(project, 'static/odd/naïve file.txt'), 'odd')
}

/** Browsers escape what the table shows plainly. */
function encodeSpaces(name: string): string {
  return name.includes('%') ? name : encodeURI(name)
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends the path as it is; `fetch` would normalize it. */
function answerOf(
  { hostname, port }: URL,
  urlPath: string,
  headers: IncomingHttpHeaders,
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: urlPath, method, headers }, async response => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) })
    })
    sent.on('error', reject).end()
  })
}
