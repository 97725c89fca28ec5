import { rm, utimes } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { rawRequest } from '../support/raw-request.ts'
import { addTo, symlink, tree } from '../support/tree.ts'

const FILES = {
  'static/css/site.scss': '@use "tokens"; body { color: tokens.$ink }',
  'static/css/_tokens.scss': '$ink: rgb(1, 2, 3); html { background: url("/static/polls/ballot.png") }',
  'static/img/logo.png': 'logo',
  'static/polls/shadow.txt': 'project',
  'static/large.bin': 'x'.repeat(300_000),
  'static/empty.txt': '',
  'static/.env': 'SECRET',
  'static/out.txt': symlink('../../outside/secret.txt'),
  'static/name with ü%20.txt': 'odd',
  'polls/static/polls/shadow.txt': 'app',
  'polls/static/polls/ballot.png': 'ballot',
  'polls/static/polls/data.json': '{"a": 1}',
  'polls/static/polls/plain.css': '.plain { color: red }',
  'polls/static/polls/app.ts': `
    import './poll.css'
    import { two } from './two'
    export default two
    export const one: number = 1
    export const later = () => import('./lazy')`,
  'polls/static/polls/two.ts': `import './two.css'; export const two: number = 2`,
  'polls/static/polls/lazy.ts': `import './lazy.css'`,
  'polls/static/polls/poll.css': '.poll { color: red; background: url(/static/img/logo.png) }',
  'polls/static/polls/two.css': '.two { color: red }',
  'polls/static/polls/lazy.css': '.lazy { color: red }',
  'polls/static/polls/bare.ts': 'export const bare: number = 1',
  'polls/static/polls/broken.ts': 'import "./nowhere"',
}
const OPTIONS = {
  dirs: ['static', ['vendor', '../vendor'] as const],
  apps: ['polls'],
  entries: ['polls/app.ts', 'css/site.scss', 'polls/bare.ts', 'polls/broken.ts'],
}

async function project(): Promise<string> {
  const root = await tree({
    'vendor/lib.js': 'lib',
    'vendor-secret/secret.txt': 'TOP SECRET',
    'outside/secret.txt': 'TOP SECRET',
  })
  await addTo(path.join(root, 'site'), FILES)
  return path.join(root, 'site')
}

describe.each(Object.keys(devVites))('with %s', version => {
  async function start(options: object = {}) {
    const root = await project()
    const dev = await startDevServer(root, { ...OPTIONS, ...options }, { version })
    const get = (name: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${dev.origin}/static/${name}`, { headers, method, redirect: 'manual' })
    const text = async (name: string, headers: Record<string, string> = {}) =>
      (await get(name, headers)).text()
    return { ...dev, root, get, text }
  }

  test('names are served from the source that wins them, from every location', async () => {
    const { get, text } = await start()
    expect(await text('polls/data.json')).toBe('{"a": 1}')
    expect(await text('polls/shadow.txt')).toBe('project')
    expect(await text('vendor/lib.js')).toBe('lib')
    expect(await text(encodeURIComponent('name with ü%20.txt'))).toBe('odd')
    const response = await get('polls/data.json?v=2')
    expect(response.status).toBe(200)
    expect(Object.fromEntries([...response.headers.entries()])).toMatchObject({
      'content-type': 'application/json;charset=utf-8',
      'content-length': '8',
      'cache-control': 'no-cache',
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^W\/"/),
    })
  })

  test('scripts import static names by their URL; a file in the root of Vite keeps its own', async () => {
    const { get, root, server } = await start()
    await addTo(root, {
      'polls/static/polls/urls.ts': `import ballot from '/static/polls/ballot.png'
        import own from '/own/x.png'
        console.log(ballot, own)`,
      'own/x.png': 'in the root',
      'static/own/x.png': 'in a location',
    })
    const { code = '' } =
      (await server.environments.client.transformRequest('/polls/static/polls/urls.ts')) ?? {}
    expect(code).toContain('/static/polls/static/polls/ballot.png')
    expect(code).toContain('/static/own/x.png')
    expect((await get('polls/static/polls/ballot.png')).status).toBe(200)
  })

  test.each([
    ['img/logo.png', 'image/png'],
    ['vendor/lib.js', 'text/javascript;charset=utf-8'],
    ['polls/plain.css', 'text/css;charset=utf-8'],
    ['large.bin', 'application/octet-stream'],
  ])('%s has the type %s', async (name, type) => {
    const { get } = await start()
    expect((await get(name)).headers.get('content-type')).toBe(type)
  })

  test('conditions, HEAD and ranges are answered', async () => {
    const { get, root } = await start()
    await utimes(path.join(root, 'static/large.bin'), 1_700_000_000, 1_700_000_000)
    const full = await get('large.bin')
    const etag = full.headers.get('etag')!
    expect((await full.text()).length).toBe(300_000)
    expect(full.headers.get('last-modified')).toBe('Tue, 14 Nov 2023 22:13:20 GMT')
    expect((await get('large.bin', { 'if-none-match': etag })).status).toBe(304)
    expect((await get('large.bin', { 'if-modified-since': full.headers.get('last-modified')! })).status).toBe(
      304,
    )
    const head = await get('large.bin', {}, 'HEAD')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '300000', ''])
    const part = await get('large.bin', { range: 'bytes=299998-' })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 299998-299999/300000',
      'xx',
    ])
    const none = await get('large.bin', { range: 'bytes=300000-' })
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */300000'])
    expect((await get('empty.txt')).status).toBe(200)
    const post = await get('large.bin', {}, 'POST')
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('files that come, go and shadow others are seen at once', async () => {
    const { text, get, root } = await start()
    expect((await get('polls/new.txt')).status).toBe(404)
    await addTo(root, { 'polls/static/polls/new.txt': 'app' })
    expect(await text('polls/new.txt')).toBe('app')
    await addTo(root, { 'static/polls/new.txt': 'project' })
    expect(await text('polls/new.txt')).toBe('project')
    await rm(path.join(root, 'static/polls/new.txt'))
    expect(await text('polls/new.txt')).toBe('app')
  })

  test('a 404 says where it searched and what is near, also in the terminal, once', async () => {
    const { get, output, root } = await start()
    const response = await get('polls/dtaa.json')
    await get('polls/dtaa.json')
    const message = await response.text()
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('text/plain;charset=utf-8')
    expect(message).toBe(
      `/static/polls/dtaa.json: no finder has this file.\nDid you mean polls/data.json?\nSearched:\n` +
        `  ${root}/static\n  ${path.resolve(root, '../vendor')}\n  ${root}/polls/static\n`,
    )
    expect(output.filter(line => line.includes('Did you mean polls/data.json?'))).toHaveLength(1)
    expect(await (await get('.env')).text()).toContain('/static/.env: the file is ignored')
    expect(await (await get('out.txt')).text()).toContain('a symbolic link leads out of the locations')
  })

  test('no request leaves the locations', async () => {
    const { origin } = await start({ dirs: ['static', ['vendor', '../vendor']] })
    for (const target of [
      '/static/../../outside/secret.txt',
      '/static/../../vendor-secret/secret.txt',
      '/static/vendor/../vendor-secret/secret.txt',
      '/static/vendor/..%2fvendor-secret/secret.txt',
      '/static/%2e%2e/%2e%2e/outside/secret.txt',
      '/static/%252e%252e/%252e%252e/outside/secret.txt',
      '/static/..%5c..%5coutside%5csecret.txt',
      '/static/..\\..\\outside\\secret.txt',
      '/static/vendor-secret/secret.txt',
      '/static/vendor/lib.js%00/../../../outside/secret.txt',
      '/static//../../outside/secret.txt',
      '/static/out.txt',
      '/static/%',
      '/static/@fs/../../outside/secret.txt',
    ]) {
      const answer = await raw(origin, target)
      expect(answer, target).toMatch(/^HTTP\/1\.1 (?:40[034]|30\d)/)
      expect(answer, target).not.toContain('TOP SECRET')
    }
    expect(await raw(origin, '/static/vendor/lib.js')).toMatch(/^HTTP\/1\.1 200[\s\S]*lib$/)
  })

  test('a script entry answers a module that re-exports its own, under the name and the built name', async () => {
    const { text } = await start()
    const facade = await text('polls/app.ts')
    expect(facade.split('\n').slice(0, 4)).toEqual([
      'import "/static/__staticfiles/head.js"',
      'import { adoptStyles } from "/static/@id/virtual:staticfiles/client"',
      'export * from "/static/polls/static/polls/app.ts"',
      'export { default } from "/static/polls/static/polls/app.ts"',
    ])
    expect(await text('polls/app.js')).toBe(facade)
    expect(await text('polls/bare.ts')).not.toContain('default')
    expect(await text('polls/static/polls/app.ts')).toContain('export const one = 1')
    expect(await text('@id/virtual:staticfiles/client')).toContain('staticfiles:css')
  })

  test('a broken entry still brings in the client, which shows the error', async () => {
    const { text } = await start()
    expect(await text('polls/broken.ts')).toBe(
      'import "/static/__staticfiles/head.js"\n' +
        'import { adoptStyles } from "/static/@id/virtual:staticfiles/client"\n' +
        'const entry = await import("/static/polls/static/polls/broken.ts")\n' +
        'adoptStyles("/static/polls/broken.css", [])\n',
    )
  })

  test('the CSS of an entry is what its static imports bring in, in their order', async () => {
    const { text, get } = await start()
    const css = await text('polls/app.css')
    expect(css.match(/\.\w+(?= \{)/g)).toEqual(['.poll', '.two'])
    expect((await get('polls/app.css')).headers.get('content-type')).toBe('text/css;charset=utf-8')
    expect((await get('polls/bare.css')).status).toBe(404)
  })

  test('a stylesheet entry is compiled, under the name and the built name', async () => {
    const { text, get } = await start()
    for (const name of ['css/site.scss', 'css/site.css', 'css/site.scss?t=1']) {
      expect(await text(name), name).toContain('color: rgb(1, 2, 3)')
      expect((await get(name)).headers.get('content-type'), name).toBe('text/css')
    }
    expect(await text('css/site.scss', { 'sec-fetch-dest': 'script' })).toContain('__vite__updateStyle')
  })

  test('URLs in modules and stylesheets name the origin of the server, as pages have another', async () => {
    const root = await project()
    const config = { server: { origin: 'http://localhost:5173' } }
    const { origin } = await startDevServer(root, OPTIONS, { version, config })
    const get = async (name: string) => (await fetch(`${origin}/static/${name}`)).text()
    expect(await get('css/site.scss')).toContain('url("http://localhost:5173/static/polls/ballot.png")')
    expect(await get('polls/app.css')).toMatch(/url\("?http:\/\/localhost:5173\/static\/.*logo\.png"?\)/)
  })

  test('a location that is the root of Vite keeps one URL for each module', async () => {
    const root = await tree({
      'main.ts': 'import "./style.css"; export const a: number = 1',
      'style.css': 'a{}',
    })
    const { origin } = await startDevServer(
      root,
      { dirs: ['.'], entries: ['main.ts'], staticRoot: '../out' },
      { version },
    )
    const get = async (name: string) => (await fetch(`${origin}/static/${name}`)).text()
    expect(await get('main.ts')).toContain('export * from "/static/main.ts?t=0000000000000"')
    expect(await get('main.ts?t=0000000000000')).toContain('export const a = 1')
  })

  test('the port is fixed where pages come from Django, and Vite answers CORS for given origins', async () => {
    const root = await project()
    const { server, origin } = await startDevServer(
      root,
      { ...OPTIONS, origins: ['http://mysite.test:8000'] },
      { version },
    )
    expect(server.config.server.strictPort).toBe(true)
    const allowed = async (from: string) =>
      (await fetch(`${origin}/static/img/logo.png`, { headers: { origin: from } })).headers.get(
        'access-control-allow-origin',
      )
    expect(await allowed('http://mysite.test:8000')).toBe('http://mysite.test:8000')
    expect(await allowed('http://127.0.0.1:8000')).toBe('http://127.0.0.1:8000')
    expect(await allowed('http://evil.test')).toBe(null)
  })

  test('a host that Vite does not allow gets nothing', async () => {
    const root = await project()
    const { origin } = await startDevServer(
      root,
      { ...OPTIONS, origins: ['http://mysite.test'] },
      { version },
    )
    const status = async (host: string) => (await raw(origin, '/static/img/logo.png', host)).split(' ')[1]
    expect(await status('localhost')).toBe('200')
    expect(await status('mysite.test')).toBe('200')
    expect(await status('evil.test')).toBe('403')
  })
})

test('the origin is that of the configured port', async () => {
  const root = await project()
  const { server } = await startDevServer(root, OPTIONS, { config: { server: { port: 43_117 } } })
  expect(server.config.server.origin).toBe('http://localhost:43117')
})

/** A request whose target no client library has tidied up. */
function raw(origin: string, target: string, host = 'localhost'): Promise<string> {
  return rawRequest(origin, [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close'])
}
