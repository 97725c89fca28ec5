import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import { get } from 'node:https'
import { brotliDecompressSync } from 'node:zlib'
import { preview } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { staticfiles } from '../../src/index.ts'
import { bundlers } from '../support/bundlers.ts'
import { freePort } from '../support/processes.ts'
import { tree } from '../support/tree.ts'

const CSS = 'a { color: red }\n'.repeat(200)
/** More than one piece of a stream. */
const LARGE = 'x'.repeat(6 * 1024 * 1024)
const OPTIONS = { dirs: ['static'], css: 'preserve' } as const

/** Starts `vite preview` with a certificate made for it; Vite speaks HTTP/2 then, and HTTP/1.1 to those who do not. */
async function previewed(): Promise<{ origin: string; hashed: string }> {
  const root = await tree({ 'static/site.css': CSS, 'static/large.txt': LARGE })
  const out = await bundlers['Vite 8']!(root, OPTIONS, { build: { emptyOutDir: false } })
  const [key, cert] = [`${root}/key.pem`, `${root}/cert.pem`]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes']
  const made = ['-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', ...made, ...subject], { stdio: 'ignore' })
  const server = await preview({
    ...{ root, configFile: false, logLevel: 'silent', plugins: [staticfiles(OPTIONS)] },
    preview: {
      ...{ host: '127.0.0.1', port: await freePort() },
      https: { key: readFileSync(key), cert: readFileSync(cert) },
    },
  })
  onTestFinished(() => server.close())
  const { paths } = JSON.parse(readFileSync(`${out}/staticfiles.json`, 'utf8'))
  return { origin: `https://127.0.0.1:${server.config.preview.port}`, hashed: paths['site.css'] }
}

/** What HTTP/2 answers: the headers and the body. */
async function overHttp2(origin: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const session = connect(origin, { rejectUnauthorized: false })
  onTestFinished(() => session.destroy())
  const request = session.request({ ':path': path, ':method': method, ...headers })
  const [answer] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return { ...answer, body: Buffer.concat(chunks) }
}

test.skipIf(spawnSync('openssl', ['version']).error)(
  '`vite preview` over HTTPS answers the same in HTTP/2 and HTTP/1.1',
  async () => {
    const { origin, hashed } = await previewed()
    const url = `/static/${hashed}`
    const answer = await overHttp2(origin, url, { 'accept-encoding': 'br' })
    expect(answer).toMatchObject({
      ':status': 200,
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(brotliDecompressSync(answer.body).toString()).toBe(CSS)
    const cached = { 'accept-encoding': 'br', 'if-none-match': answer.etag }
    expect((await overHttp2(origin, url, cached))[':status']).toBe(304)
    expect((await overHttp2(origin, url, {}, 'HEAD')).body).toHaveLength(0)
    expect(await overHttp2(origin, url, { range: 'bytes=0-4' })).toMatchObject({
      ':status': 206,
      body: Buffer.from(CSS.slice(0, 5)),
    })
    expect((await overHttp2(origin, '/static/large.txt')).body).toHaveLength(LARGE.length)

    const [older] = (await once(
      get(origin + url, { rejectUnauthorized: false, agent: false, headers: { 'accept-encoding': 'br' } }),
      'response',
    )) as [IncomingMessage]
    older.resume()
    expect([older.httpVersion, older.statusCode, older.headers.etag]).toEqual(['1.1', 200, answer.etag])
  },
)
