import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { parseAllHeaders } from '@netlify/headers-parser'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StaticFilesError } from '../../src/base/errors.ts'
import { caddyConfig } from '../../src/server/configs/caddy.ts'
import { nginxConfig } from '../../src/server/configs/nginx.ts'
import type { ServerConfig } from '../../src/server/configs/server-config.ts'
import { freePort } from '../support/processes.ts'
import { project, staticfilesCommand } from '../support/project.ts'
import { type Tree, tree } from '../support/tree.ts'
import { absence, startCaddy, startNginx } from '../support/web-servers.ts'
import { type Ask, asker } from './conformance/ask.ts'

const HASH = '0123456789ab'

const FILES: Tree = {
  'site root/static files/css/site.css': 'a {}',
  'site root/static files/css/site.css.br': 'br',
  'site root/static files/css/site.css.gz': 'gz',
  [`site root/static files/css/site.${HASH}.css`]: 'a {}',
  'site root/public/robots.txt': 'robots',
  'site root/secret.txt': 'a secret',
  'site root/static files beside/secret.txt': 'a secret',
}

const WRITERS = {
  nginx: {
    write: (config: ServerConfig) => nginxConfig(config, { brotli: true }),
    start: startNginx,
    domain: () => 'localhost',
  },
  caddy: { write: caddyConfig, start: startCaddy, domain: (port: number) => `http://127.0.0.1:${port}` },
}

for (const [name, writer] of Object.entries(WRITERS)) {
  const reason = absence(name as keyof typeof WRITERS)
  if (reason === undefined) describe(name, () => declare(writer))
  else if (process.env.CI) test(name, () => expect.fail(reason))
  else test.skip(`${name}: ${reason}`)
}

function declare({ write, start, domain }: (typeof WRITERS)['nginx' | 'caddy']): void {
  /** Serves the files below. */
  async function serve(change: (config: ServerConfig, port: number) => ServerConfig): Promise<Ask> {
    const root = path.join(await tree(FILES), 'site root')
    const port = await freePort()
    const config: ServerConfig = {
      ...{ staticPath: '/static/', staticRoot: path.join(root, 'static files'), encodings: ['br', 'gzip'] },
      ...{ hash: true, maxAge: 60 },
    }
    const { origin, stop } = await start(write(change(config, port)), port)
    onTestFinished(async () => {
      await stop()
    })
    return asker(origin)
  }

  const rootFiles = ({ staticRoot }: ServerConfig) => path.join(staticRoot, '../public')

  test('a whole site has static files, files at the top, and Django behind them', async () => {
    const upstream = await django()
    const ask = await serve((config, port) => {
      return { ...config, pages: { domain: domain(port), upstream, rootFiles: rootFiles(config) } }
    })
    expect((await ask('/static/css/site.css')).body.toString()).toBe('a {}')
    expect((await ask('/robots.txt')).body.toString()).toBe('robots')
    const page = (await ask('/polls/?page=2', { 'Content-Length': '0' }, 'POST')).body.toString()
    expect(page).toMatch(/^Django: POST \/polls\/\?page=2 127\.0\.0\.1:\d+ http 127\.0\.0\.1$/)
    expect(page).not.toContain(new URL(upstream).host)
    expect((await ask('/static/nothing.css')).status).toBe(404)
    expect((await ask('/static')).body.toString()).toContain('Django: GET /static ')
    expect((await ask('/static../secret.txt')).body.toString()).not.toContain('a secret')
  })

  test('a whole site need have no files at the top', async () => {
    const upstream = await django()
    const ask = await serve((config, port) => {
      return { ...config, pages: { domain: domain(port), upstream, rootFiles: undefined } }
    })
    expect((await ask('/robots.txt')).body.toString()).toContain('Django: GET /robots.txt')
    expect((await ask('/static/css/site.css')).body.toString()).toBe('a {}')
  })

  test('Django may listen on a socket', async () => {
    const socket = path.join(await tree({}), 'django.sock')
    await django(socket)
    const ask = await serve((config, port) => {
      return { ...config, pages: { domain: domain(port), upstream: `unix:${socket}`, rootFiles: undefined } }
    })
    expect((await ask('/polls/')).body.toString()).toContain('Django: GET /polls/ 127.0.0.1:')
  })

  test('the static path may have blanks, and be deep', async () => {
    const ask = await serve(config => ({ ...config, staticPath: '/a (b)/my static/' }))
    expect((await ask('/a%20(b)/my%20static/css/site.css')).body.toString()).toBe('a {}')
    expect((await ask('/a%20(b)/my%20static/css/site.css.gz')).status).toBe(404)
    expect((await ask('/a%20(b)/my%20static../secret.txt')).status).toBe(404)
    expect((await ask('/a%20(b)/my%20static/../static%20files%20beside/secret.txt')).status).toBe(404)
  })

  test('the static path may be all of it', async () => {
    const upstream = await django()
    const ask = await serve((config, port) => {
      return { ...config, staticPath: '/', pages: { domain: domain(port), upstream, rootFiles: undefined } }
    })
    expect((await ask('/css/site.css', { 'Accept-Encoding': 'br' })).body.toString()).toBe('br')
    expect((await ask('/css/site.css.br')).status).toBe(404)
    expect((await ask('/nothing.css')).status).toBe(404)
    expect((await ask('/../secret.txt')).status).toBeGreaterThanOrEqual(400)
  })

  test('without siblings nothing is negotiated', async () => {
    const ask = await serve(config => ({ ...config, encodings: [] }))
    const { headers, body } = await ask('/static/css/site.css', { 'Accept-Encoding': 'br, gzip' })
    expect([headers['content-encoding'], headers.vary, body.toString()]).toEqual([
      undefined,
      undefined,
      'a {}',
    ])
    expect((await ask('/static/css/site.css.gz')).status).toBe(200)
  })

  test('without hashes nothing is kept for good', async () => {
    const ask = await serve(config => ({ ...config, hash: false, maxAge: 300 }))
    for (const name of ['site.css', `site.${HASH}.css`]) {
      expect((await ask(`/static/css/${name}`)).headers['cache-control']).toBe('public, max-age=300')
    }
  })

  test('siblings of zstd, which not every server knows, do no harm', async () => {
    const ask = await serve(config => ({ ...config, encodings: ['br', 'gzip', 'zstd'] }))
    expect((await ask('/static/css/site.css', { 'Accept-Encoding': 'br' })).body.toString()).toBe('br')
  })
}

/** Answers what it is asked, as Django would see it. */
async function django(socket?: string): Promise<string> {
  const server = createServer(({ method, url, headers }, res) => {
    const told = [method, url, headers.host, headers['x-forwarded-proto'], headers['x-forwarded-for']]
    res.end(`Django: ${told.join(' ')}`)
  })
  onTestFinished(() => void server.close())
  await new Promise<void>(resolve => {
    if (socket === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(socket, resolve)
  })
  return socket ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('what a server cannot be told', () => {
  const config = (staticRoot: string): ServerConfig => {
    return { staticPath: '/static/', staticRoot, encodings: ['br'], hash: true, maxAge: 60 }
  }

  test('nginx: a dollar sign', () => {
    const error = () => nginxConfig(config('/srv/a$b'), { brotli: true })
    expect(error).toThrow(StaticFilesError)
    expect(error).toThrow('nginx cannot name the path "/srv/a$b"')
  })

  test('Caddy: a brace', () => {
    expect(() => caddyConfig(config('/srv/{a}'))).toThrow('Caddy cannot name "/srv/{a}"')
  })
})

describe('the command', () => {
  const PROJECT: Tree = {
    'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ staticUrl: 'https://cdn.example.com/a%20b/', staticRoot: 'out', proxy: 'http://127.0.0.1:9000' })] }
`,
  }
  const config = async (...args: string[]) => {
    const root = await project(PROJECT)
    return { root, ...staticfilesCommand(root, ['config', ...args]) }
  }

  test('follows the configuration', async () => {
    const { root, code, stdout } = await config('nginx', '--domain', 'example.com')
    expect(code).toBe(0)
    expect(stdout).toContain('location ^~ "/a b/" {')
    expect(stdout).toContain(`alias ${root}/out/;`)
    expect(stdout).toContain('server_name example.com;')
    expect(stdout).toContain('proxy_pass http://127.0.0.1:9000;')
    expect(stdout).toContain('brotli_static on;')
  })

  test('writes the part about static files, unless it is asked for more', async () => {
    expect((await config('nginx')).stdout).not.toMatch(/server \{|location \/ |proxy_pass/)
    expect((await config('caddy')).stdout).not.toMatch(/reverse_proxy/)
    expect((await config('caddy', '--upstream', 'unix:/run/a.sock')).stdout).toContain(
      'reverse_proxy unix//run/a.sock',
    )
  })

  test('follows its flags', async () => {
    const flags = ['--static-root', '/srv/files', '--max-age', '10', '--root-files', 'public', '--no-brotli']
    const { root, stdout } = await config('nginx', ...flags)
    expect(stdout).toContain('alias /srv/files/;')
    expect(stdout).toContain('"public, max-age=10"')
    expect(stdout).toContain(`root ${root}/public;`)
    expect(stdout).not.toContain('brotli_static')
  })

  test('writes a file', async () => {
    const { root, code, stdout } = await config('caddy', '--output', 'Caddyfile')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Caddyfile is written\n' })
    expect(readFileSync(path.join(root, 'Caddyfile'), 'utf8')).toContain('handle_path "/a b/*" {')
  })

  test.each([
    [['nginz'], "there is no server 'nginz'; did you mean nginx?"],
    [['nginx', 'caddy'], "takes one server, not 'caddy' too"],
    [
      ['nginx', '--upstream', '127.0.0.1'],
      "--upstream takes http://127.0.0.1:8000 or unix:/run/gunicorn.sock, not '127.0.0.1'",
    ],
    [['nginx', '--domain', 'a.com; b'], "--domain takes one name, example.com, not 'a.com; b'"],
    [['nginx', '--max-age', 'long'], "--max-age takes a whole number, not 'long'"],
  ])('%o is refused', async (args, message) => {
    const { code, stderr } = await config(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('a _headers file', () => {
  const IMMUTABLE = 'public, max-age=31536000, immutable'

  /** Builds a project, and reads the file as Netlify does. */
  async function headersOf(options: string, files: Tree) {
    const root = await project({
      'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], compress: false, ${options} })] }
`,
      ...files,
    })
    expect(staticfilesCommand(root, ['collect'])).toMatchObject({ code: 0 })
    const { code, stderr } = staticfilesCommand(root, ['config', 'headers', '--output', '_headers'])
    expect(code).toBe(0)
    const { headers, errors } = await parseAllHeaders({
      headersFiles: [path.join(root, '_headers')],
      configHeaders: [],
      minimal: true,
    })
    expect(errors).toEqual([])
    const { paths } = JSON.parse(readFileSync(path.join(root, 'staticfiles/staticfiles.json'), 'utf8'))
    return { stderr, paths: Object.values<string>(paths), headers }
  }

  test('names every hashed file, where there are plain names too', async () => {
    const { headers, paths } = await headersOf('', { 'static/a.txt': 'a', 'static/two words.txt': 'b' })
    const forAll = { 'Access-Control-Allow-Origin': '*', 'X-Content-Type-Options': 'nosniff' }
    expect(headers).toEqual([
      { for: '/static/*', values: forAll },
      ...paths.map(name => ({ for: `/static/${encodeURI(name)}`, values: { 'Cache-Control': IMMUTABLE } })),
    ])
  })

  test('is one rule where all names are hashed', async () => {
    const { headers } = await headersOf('keepUnhashed: false', { 'static/a.txt': 'a' })
    expect(headers).toEqual([
      { for: '/static/*', values: expect.objectContaining({ 'Cache-Control': IMMUTABLE }) },
    ])
  })

  test('says nothing of caching where no names are', async () => {
    const { headers } = await headersOf('hash: false', { 'static/a.txt': 'a' })
    expect(headers).toHaveLength(1)
    expect(headers[0]!.values).not.toHaveProperty('Cache-Control')
  })

  test('of more than 100 rules is warned of', async () => {
    const many = (count: number) => {
      return Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`static/${index}.txt`, `${index}`]),
      )
    }
    expect((await headersOf('', many(99))).stderr).toBe('')
    const { stderr } = await headersOf('', many(100))
    expect(stderr).toContain('warning: these are 101 rules, and Cloudflare Pages reads 100')
  })
})
