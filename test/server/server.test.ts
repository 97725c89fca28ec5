import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import zlib, { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createFetchHandler, createStaticHandler } from '../../src/server/index.ts'
import { contentOf, readIndexFile, writeIndexFile } from '../../src/static-root/index/index-file.ts'
import { prune } from '../../src/static-root/releases/prune.ts'
import { bundlers } from '../support/bundlers.ts'
import { projectFolder } from '../support/project.ts'
import { ask, listen, md5, serve } from '../support/static-server.ts'
import { addTo, tree } from '../support/tree.ts'

const CSS = 'a { color: red }\n'.repeat(400)
const BIG = 'One line of a script that is larger than what is kept in memory.\n'.repeat(4000)
const FILES = {
  'static/css/site.css': CSS,
  'static/js/big.txt': BIG,
  'static/img/dot.png': '\x89PNG 0123456789',
  'static/fonts/a.woff2': 'font',
  'static/m.mjs': 'export {}',
  'static/app.webmanifest': '{}',
  'static/a.wasm': 'wasm',
  'static/a.avif': 'avif',
  'static/favicon.ico': 'ico',
  'static/docs/index.html': '<!doctype html><title>Docs</title>',
  'static/LICENSE': 'licence',
  'static/a b%c#d?.txt': 'odd',
  'static/empty.txt': '',
}
const KEEP = { build: { emptyOutDir: false } }

/** Node's own from 22.15 on, or the program; `undefined` where there is neither. */
const zstd = zstdOf(zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer })

function zstdOf({ zstdCompressSync }: { zstdCompressSync?: (bytes: Buffer) => Buffer }) {
  if (zstdCompressSync !== undefined) return zstdCompressSync
  if (spawnSync('zstd', ['--version']).error) return undefined
  return (input: Buffer) => execFileSync('zstd', ['--quiet', '--stdout'], { input })
}

async function build(
  files: Record<string, string> = FILES,
  options = {},
): Promise<{ root: string; project: string }> {
  const project = await tree(files)
  const root = await bundlers['Vite 8']!(project, { dirs: ['static'], css: 'preserve', ...options }, KEEP)
  return { root, project }
}

/** One build for all tests that change nothing. */
let built: Promise<{ root: string }> | undefined
function shared(): Promise<{ root: string }> {
  built ??= (async () => {
    const project = await projectFolder()
    await addTo(project, FILES)
    return { root: await bundlers['Vite 8']!(project, { dirs: ['static'], css: 'preserve' }) }
  })()
  return built
}
afterAll(async () => {
  const root = (await built)?.root
  if (root !== undefined) rmSync(path.dirname(root), { recursive: true, force: true })
})

function indexOf(root: string) {
  const { manifestHash, rows } = readIndexFile(root)!
  return { manifestHash, contents: rows.map(row => contentOf(row)!) }
}

function hashed(root: string, name: string): string {
  return JSON.parse(readFileSync(path.join(root, 'staticfiles.json'), 'utf8')).paths[name]
}

describe('a file', () => {
  test('is sent with its type, its length, and how long it may be kept', async () => {
    const { root } = await build()
    const origin = await serve({ root })
    const plain = await ask(origin, '/static/css/site.css')
    expect([plain.status, plain.text]).toEqual([200, CSS])
    expect(plain.headers).toMatchObject({
      'content-type': 'text/css;charset=utf-8',
      'content-length': String(CSS.length),
      'cache-control': 'public, max-age=60',
      etag: `"${md5(CSS)}"`,
      'last-modified': statSync(`${root}/css/site.css`).mtime.toUTCString(),
      vary: 'Accept-Encoding',
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    })
    expect(plain.headers).not.toHaveProperty('content-encoding')
    const other = await ask(origin, `/static/${hashed(root, 'css/site.css')}?v=1`)
    expect(other.text).toBe(CSS)
    expect(other.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test.each([
    ['m.mjs', 'text/javascript;charset=utf-8'],
    ['a.wasm', 'application/wasm'],
    ['fonts/a.woff2', 'font/woff2'],
    ['app.webmanifest', 'application/manifest+json;charset=utf-8'],
    ['a.avif', 'image/avif'],
    ['img/dot.png', 'image/png'],
    ['favicon.ico', 'image/x-icon'],
    ['docs/index.html', 'text/html;charset=utf-8'],
    ['LICENSE', 'application/octet-stream'],
  ])('%s has the type %s', async (name, type) => {
    const { root } = await shared()
    const { headers } = await ask(await serve({ root }), `/static/${hashed(root, name)}`)
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
    })
  })

  test('without siblings does not vary', async () => {
    const { root } = await shared()
    expect((await ask(await serve({ root }), '/static/img/dot.png')).headers).not.toHaveProperty('vary')
  })

  test('of no bytes has none', async () => {
    const { root } = await shared()
    const origin = await serve({ root, memory: 0 })
    const { status, headers, text } = await ask(origin, '/static/empty.txt')
    expect([status, headers['content-length'], text]).toEqual([200, '0', ''])
    expect((await ask(origin, '/static/empty.txt', { range: 'bytes=0-' })).status).toBe(416)
  })

  test('has one URL, however odd its name is', async () => {
    const { root } = await shared()
    const origin = await serve({ root })
    expect((await ask(origin, `/static/${encodeURIComponent('a b%c#d?.txt')}`)).text).toBe('odd')
    expect((await ask(origin, '/static/%63ss/site%2Ecss')).text).toBe(CSS)
    // An escaped slash is no slash.
    expect((await ask(origin, '/static/css%2Fsite.css')).status).toBe(404)
    expect((await ask(origin, '/static/css%2fsite.css')).status).toBe(404)
    expect((await ask(origin, '/static/img/dot.png/')).status).toBe(404)
    expect((await ask(origin, '/static/IMG/dot.png')).status).toBe(404)
  })

  test('is sent to a proxy that writes the whole URL', async () => {
    const { root } = await shared()
    const origin = await serve({ root })
    expect((await ask(origin, `${origin}/static/css/site.css`)).status).toBe(200)
  })

  test.each([0, 2 ** 25])('larger than the memory takes is read each time: %d bytes', async memory => {
    const { root } = await shared()
    const origin = await serve({ root, memory })
    for (const _ of [1, 2]) {
      expect((await ask(origin, '/static/js/big.txt')).text).toBe(BIG)
      const { status, headers, text } = await ask(origin, '/static/js/big.txt', {
        range: 'bytes=100000-100009',
      })
      expect([status, headers['content-range'], text]).toEqual([
        ...[206, `bytes 100000-100009/${BIG.length}`, BIG.slice(100_000, 100_010)],
      ])
    }
  })
})

describe('methods', () => {
  test('HEAD has the headers of GET, and no body', async () => {
    const { root } = await shared()
    const origin = await serve({ root })
    const [get, head] = [
      await ask(origin, '/static/css/site.css'),
      await ask(origin, '/static/css/site.css', {}, 'HEAD'),
    ]
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' })
    expect(head.body).toHaveLength(0)
    const range = await ask(origin, '/static/css/site.css', { range: 'bytes=0-0' }, 'HEAD')
    expect(range.status).toBe(200)
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async method => {
    const { root } = await shared()
    const { status, headers } = await ask(await serve({ root }), '/static/css/site.css', {}, method)
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  })
})

describe('encodings', () => {
  test.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP;Q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.4, gzip;q=0.5', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *;q=0.1', 'gzip'],
    ['identity, br;q=0.5', undefined],
    ['identity;q=0.5, br;q=0.5', 'br'],
    ['zstd, deflate', undefined],
    ['br;q=0, gzip;q=0.000', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('Accept-Encoding: %s → %s', async (header, encoding) => {
    const { root } = await shared()
    const origin = await serve({ root })
    const { status, headers, body } = await ask(
      origin,
      '/static/css/site.css',
      header === undefined ? {} : { 'accept-encoding': header },
    )
    expect([status, headers['content-encoding'], headers.vary]).toEqual([200, encoding, 'Accept-Encoding'])
    const bytes =
      encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
    expect(bytes.toString()).toBe(CSS)
  })

  test.each(['identity;q=0', '*;q=0', 'identity;q=0, zstd'])('nothing is left for %s', async header => {
    const { root } = await shared()
    const { status, headers } = await ask(await serve({ root }), '/static/css/site.css', {
      'accept-encoding': header,
    })
    expect([status, headers.vary]).toEqual([406, 'Accept-Encoding'])
  })

  test('each has a strong tag of its own, and its own ranges', async () => {
    const { root } = await shared()
    const origin = await serve({ root })
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async coding => {
        return (await ask(origin, '/static/css/site.css', { 'accept-encoding': coding })).headers.etag!
      }),
    )
    expect(new Set(tags).size).toBe(3)
    for (const tag of tags) expect(tag).toMatch(/^"[0-9a-f]{32}[^"]*"$/)
    const [br, gzip] = tags as [string, string]
    expect(
      (await ask(origin, '/static/css/site.css', { 'accept-encoding': 'br', 'if-none-match': br })).status,
    ).toBe(304)
    expect(
      (await ask(origin, '/static/css/site.css', { 'accept-encoding': 'br', 'if-none-match': gzip })).status,
    ).toBe(200)
    const part = await ask(origin, '/static/css/site.css', { 'accept-encoding': 'br', range: 'bytes=-3' })
    expect(part.body).toEqual(readFileSync(`${root}/css/site.css.br`).subarray(-3))
    expect(part.headers['content-encoding']).toBe('br')
  })

  test('a sibling has no URL of its own, and a file of its own that looks like one has', async () => {
    const { root } = await build({
      ...FILES,
      'static/data.json': '{}',
      'static/data.json.gz': 'shipped',
      'static/lone.br': 'lone',
    })
    const origin = await serve({ root })
    expect((await ask(origin, '/static/css/site.css.br')).status).toBe(404)
    expect((await ask(origin, `/static/${hashed(root, 'css/site.css')}.gz`)).status).toBe(404)
    expect((await ask(origin, '/static/data.json.gz')).text).toBe('shipped')
    expect((await ask(origin, '/static/data.json', { 'accept-encoding': 'gzip' })).text).toBe('{}')
    expect((await ask(origin, '/static/lone.br')).text).toBe('lone')
  })
})

describe('conditions', () => {
  const tag = `"${md5(CSS)}"`
  const [PAST, FUTURE] = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 2094 08:49:37 GMT']
  test.each<[Record<string, string>, number]>([
    [{ 'if-none-match': tag }, 304],
    [{ 'if-none-match': `W/${tag}, "x"` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': FUTURE }, 200],
    [{ 'if-modified-since': FUTURE }, 304],
    [{ 'if-modified-since': PAST }, 200],
    [{ 'if-modified-since': '2094' }, 200],
    [{ 'if-match': tag }, 200],
    [{ 'if-match': `"x", ${tag}` }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': `W/${tag}` }, 412],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': '"x"', 'if-none-match': tag }, 412],
    [{ 'if-unmodified-since': PAST }, 412],
    [{ 'if-unmodified-since': FUTURE }, 200],
    [{ 'if-unmodified-since': 'yesterday' }, 200],
    [{ 'if-match': tag, 'if-unmodified-since': PAST }, 200],
    [{ range: 'bytes=0-0' }, 206],
    [{ range: 'bytes=0-0', 'if-range': tag }, 206],
    [{ range: 'bytes=0-0', 'if-range': '"x"' }, 200],
    [{ range: 'bytes=0-0', 'if-none-match': tag }, 304],
    [{ range: 'bytes=99999-' }, 416],
    [{ range: 'bytes=0-1,3-4' }, 200],
    [{ range: 'lines=0-1' }, 200],
  ])('%j → %i', async (headers, status) => {
    const { root } = await shared()
    expect((await ask(await serve({ root }), '/static/css/site.css', headers)).status).toBe(status)
  })

  test('a 304 has what a cache needs, and nothing about a body', async () => {
    const { root } = await shared()
    const { headers, body } = await ask(await serve({ root }), '/static/css/site.css', {
      'if-none-match': tag,
    })
    expect(headers).toMatchObject({
      etag: tag,
      vary: 'Accept-Encoding',
      'cache-control': 'public, max-age=60',
    })
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(Object.keys(headers).filter(name => name.startsWith('content-'))).toEqual([])
    expect(body).toHaveLength(0)
  })

  test('a 416 says how long the file is', async () => {
    const { root } = await shared()
    const { headers } = await ask(await serve({ root }), '/static/img/dot.png', { range: 'bytes=50-' })
    expect(headers['content-range']).toBe(`bytes */${statSync(`${root}/img/dot.png`).size}`)
  })
})

describe('what is not there', () => {
  test('is 404 below the static URL, and nobody may keep that', async () => {
    const { root } = await shared()
    const { status, headers } = await ask(await serve({ root }), '/static/css/site.0123456789ab.css')
    expect([status, headers['cache-control']]).toEqual([404, 'no-store'])
  })

  test('is handed on elsewhere, and below the static URL on request', async () => {
    const { root } = await shared()
    expect((await ask(await serve({ root }), '/other')).status).toBe(418)
    expect((await ask(await serve({ root }), '/static')).status).toBe(418)
    expect((await ask(await serve({ root, fallthrough: true }), '/static/none')).status).toBe(418)
    expect((await ask(await serve({ root, staticUrl: '/' }), '/none')).status).toBe(418)
  })

  test('of a file that is gone since the start', async () => {
    const { root } = await build()
    const origin = await serve({ root })
    const name = hashed(root, 'css/site.css')
    rmSync(`${root}/${name}`)
    const { status, headers } = await ask(origin, `/static/${name}`)
    expect([status, headers['cache-control']]).toEqual([404, 'no-store'])
  })
})

test.each([0, undefined])('a pruned name is not there, with %s bytes of memory', async memory => {
  const { root, project } = await build()
  const names = ['css/site.css', 'img/dot.png'].map(name => hashed(root, name))
  await addTo(project, { 'static/css/site.css': 'b {}', 'static/img/dot.png': 'other' })
  await bundlers['Vite 8']!(project, { dirs: ['static'], css: 'preserve' }, KEEP)
  const handler = createStaticHandler({ root, memory })
  const { origin } = await listen(handler)
  const gone = async (name: string) => {
    const { status, headers } = await ask(origin, `/static/${name}`, { 'accept-encoding': 'br' })
    expect([name, status, headers['cache-control'], headers.etag]).toEqual([name, 404, 'no-store', undefined])
  }
  const [asked, neverAsked] = names as [string, string]
  expect((await ask(origin, `/static/${asked}`, { 'accept-encoding': 'br' })).status).toBe(200)
  const { removed } = await prune({ staticRoot: root, manifest: `${root}/staticfiles.json`, keep: 1 })
  expect(removed).toEqual(expect.arrayContaining(names))
  // The index still names both.
  await gone(neverAsked)
  if (memory === 0) await gone(asked)
  const restarted = createStaticHandler({ root, memory })
  const { origin: other } = await listen(restarted)
  for (const name of names) expect((await ask(other, `/static/${name}`)).status).toBe(404)
  expect((await ask(other, '/static/css/site.css')).text).toBe('b {}')
})

describe('zstd', () => {
  test.skipIf(zstd === undefined).each([true, false])(
    'siblings are negotiated; with an index: %s',
    async index => {
      const { root } = await build()
      const name = hashed(root, 'css/site.css')
      const bytes = zstd!(Buffer.from(CSS))
      for (const each of [name, 'css/site.css']) writeFileSync(`${root}/${each}.zst`, bytes)
      if (index) {
        const { manifestHash, contents } = indexOf(root)
        const withZstd = contents.map(each =>
          each.names.includes(name) ? { ...each, siblings: { ...each.siblings, zstd: bytes.length } } : each,
        )
        await writeIndexFile(root, { manifestHash, contents: withZstd })
      } else rmSync(`${root}/staticfiles.index.json`)
      const origin = await serve({ root })
      const codingOf = async (header: string) =>
        (await ask(origin, `/static/${name}`, { 'accept-encoding': header })).headers['content-encoding']
      expect(await codingOf('zstd')).toBe('zstd')
      expect(await codingOf('gzip;q=0.5, zstd;q=0.8')).toBe('zstd')
      expect(await codingOf('zstd;q=0, gzip')).toBe('gzip')
      const { body, headers } = await ask(origin, `/static/${name}`, { 'accept-encoding': 'zstd' })
      expect(body).toEqual(bytes)
      expect(headers).toMatchObject({
        'content-type': 'text/css;charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
      })
      const cached = { 'accept-encoding': 'zstd', 'if-none-match': headers.etag! }
      expect((await ask(origin, `/static/${name}`, cached)).status).toBe(304)
      expect((await ask(origin, `/static/${name}.zst`)).status).toBe(404)
    },
  )
})

describe('the index', () => {
  test('names what is served, with the MD5 of the bytes, and is the same on every machine', async () => {
    const [one, other] = [await build(), await build()]
    const text = readFileSync(`${one.root}/staticfiles.index.json`, 'utf8')
    expect(readFileSync(`${other.root}/staticfiles.index.json`, 'utf8')).toBe(text)
    const { contents, manifestHash } = indexOf(one.root)
    expect(manifestHash).toBe(JSON.parse(readFileSync(`${one.root}/staticfiles.json`, 'utf8')).hash)
    for (const { hash, size, names, siblings } of contents) {
      for (const name of names) {
        const bytes = readFileSync(path.join(one.root, name))
        expect([name, hash, size]).toEqual([name, md5(bytes), bytes.length])
        const suffixes = { br: '.br', gzip: '.gz', zstd: '.zst' }
        for (const [encoding, bytes] of Object.entries(siblings)) {
          expect(statSync(path.join(one.root, name + suffixes[encoding as 'br'])).size).toBe(bytes)
        }
      }
    }
    expect(contents.flatMap(({ names }) => names)).toHaveLength(2 * Object.keys(FILES).length)
  })

  test('has bundles, what Vite copies from its public folder, and hidden files only where the manifest names them', async () => {
    const { root } = await build(
      {
        'static/app.ts': `import './app.css'; import('./later.js'); console.log('app')`,
        'static/app.css': 'b { color: blue }',
        'static/later.js': 'console.log(1)',
        'static/.shown': 'dot',
        'public/robots.txt': 'robots',
        'public/.secret': 'secret',
        'public/.well-known/x': 'known',
      },
      { entries: ['app.ts'], defaultIgnore: false },
    )
    const { contents } = indexOf(root)
    const names = contents.flatMap(content => content.names)
    expect(names).toEqual(
      expect.arrayContaining(['robots.txt', '.shown', '.well-known/x', hashed(root, 'app.ts')]),
    )
    expect(names).not.toContain('.secret')
    for (const { hash, names } of contents) expect(md5(readFileSync(path.join(root, names[0]!)))).toBe(hash)
  })

  test('keeps the files of earlier releases, which are served for good', async () => {
    const { root, project } = await build()
    const old = hashed(root, 'css/site.css')
    await addTo(project, { 'static/css/site.css': 'b {}' })
    await bundlers['Vite 8']!(project, { dirs: ['static'], css: 'preserve' }, KEEP)
    expect(hashed(root, 'css/site.css')).not.toBe(old)
    const { status, text, headers } = await ask(await serve({ root }), `/static/${old}`)
    expect([status, text, headers['cache-control']]).toEqual([
      200,
      CSS,
      'public, max-age=31536000, immutable',
    ])
    expect(headers.etag).toBe(`"${md5(CSS)}"`)
  })

  test.each(['missing', 'of another manifest', 'broken'])('is not needed: %s', async problem => {
    const { root } = await build()
    const file = `${root}/staticfiles.index.json`
    const text = readFileSync(file, 'utf8')
    if (problem === 'missing') rmSync(file)
    else
      writeFileSync(
        file,
        problem === 'broken' ? text.slice(0, -20) : text.replace(/"manifest": "\w+"/, '"manifest": "x"'),
      )
    const origin = await serve({ root })
    const name = hashed(root, 'css/site.css')
    const { headers, body } = await ask(origin, `/static/${name}`, { 'accept-encoding': 'br' })
    expect(brotliDecompressSync(body).toString()).toBe(CSS)
    expect(headers.etag).toMatch(/^W\/"/)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(
      (await ask(origin, `/static/${name}`, { 'accept-encoding': 'br', 'if-none-match': headers.etag! }))
        .status,
    ).toBe(304)
    for (const own of [
      'staticfiles.json',
      'staticfiles.index.json',
      'staticfiles.releases.json',
      `${name}.br`,
    ]) {
      expect([own, (await ask(origin, `/static/${own}`)).status]).toEqual([own, 404])
    }
  })

  test('is not believed about a file that is another by now', async () => {
    const { root } = await build()
    const origin = await serve({ root })
    await replace(`${root}/css/site.css`, 'b {}')
    await replace(`${root}/img/dot.png`, '\x89PNG 9876543210')
    const { text, headers } = await ask(origin, '/static/css/site.css', { 'accept-encoding': 'br' })
    expect([text, headers['content-encoding']]).toEqual(['b {}', undefined])
    expect(headers.etag).toMatch(/^W\//)
    const image = await ask(origin, '/static/img/dot.png')
    expect(image.headers.etag).toMatch(/^W\//)
    expect(image.text).toContain('9876543210')
  })
})

describe('options', () => {
  test('maxAge, cors and headers', async () => {
    const { root } = await shared()
    const origin = await serve({
      ...{ root, maxAge: 5, cors: false },
      headers: ({ name, immutable }) => ({
        ...(immutable && { 'X-Name': name }),
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': undefined,
      }),
    })
    const { headers } = await ask(origin, '/static/css/site.css')
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=5',
      'cross-origin-resource-policy': 'cross-origin',
    })
    for (const name of ['access-control-allow-origin', 'x-content-type-options', 'x-name'])
      expect(headers).not.toHaveProperty(name)
    const name = hashed(root, 'css/site.css')
    expect((await ask(origin, `/static/${name}`)).headers['x-name']).toBe(name)
  })

  test('headers cannot take from a file what belongs to its bytes', async () => {
    const { root } = await shared()
    expect(
      (await ask(await serve({ root, headers: () => ({ 'Content-Length': '1' }) }), '/static/css/site.css'))
        .status,
    ).toBe(599)
  })

  test('index: a folder answers with its file, and other spellings lead there', async () => {
    const { root } = await shared()
    const origin = await serve({ root, index: 'index.html' })
    expect((await ask(origin, '/static/docs/')).text).toContain('Docs')
    const redirects = await Promise.all(
      ['/static/docs?a=1', '/static/docs/index.html'].map(url => ask(origin, url)),
    )
    expect(redirects.map(({ status, headers }) => [status, headers.location])).toEqual([
      [302, './docs/?a=1'],
      [302, './'],
    ])
    expect(new URL('./docs/?a=1', `${origin}/static/docs?a=1`).pathname).toBe('/static/docs/')
    expect((await ask(await serve({ root }), '/static/docs/')).status).toBe(404)
  })

  test('rootFiles lie at /, and only they', async () => {
    const { root } = await shared()
    const rootFiles = await tree({
      'robots.txt': 'User-agent: *',
      '.env': 'secret',
      '.well-known/security.txt': 'Contact',
    })
    const origin = await serve({ root, rootFiles })
    const { text, headers } = await ask(origin, '/robots.txt')
    expect([text, headers['cache-control']]).toEqual(['User-agent: *', 'public, max-age=60'])
    expect((await ask(origin, '/.well-known/security.txt')).status).toBe(200)
    expect((await ask(origin, '/.env')).status).toBe(418)
  })

  test('staticUrl with an origin, with umlauts, and none', async () => {
    const { root } = await shared()
    expect(
      (await ask(await serve({ root, staticUrl: 'https://cdn.example.com/a/' }), '/a/m.mjs')).status,
    ).toBe(200)
    expect((await ask(await serve({ root, staticUrl: '/fämily/' }), '/f%C3%A4mily/m.mjs')).status).toBe(200)
    expect((await ask(await serve({ root, staticUrl: '/' }), '/m.mjs')).status).toBe(200)
  })

  test('manifest: false serves a folder that has none', async () => {
    const root = await tree({ 'a.css': 'a {}', 'a.css.gz': 'gz', 'a.0123456789ab.css': 'x' })
    const origin = await serve({ root, manifest: false })
    expect((await ask(origin, '/static/a.css', { 'accept-encoding': 'gzip' })).text).toBe('gz')
    expect((await ask(origin, '/static/a.0123456789ab.css')).headers['cache-control']).toBe(
      'public, max-age=60',
    )
  })

  test('that are wrong are named all at once; so is a folder without a build', async () => {
    const wrong = { root: '', staticUrl: 'static', maxAge: -1, memory: Number.NaN }
    expect(() => createStaticHandler(wrong)).toThrow(/`root`.*`staticUrl`.*`maxAge`.*`memory`/s)
    const root = await tree({})
    expect(() => createStaticHandler({ root })).toThrow(/there is no manifest .*vite build/)
    expect(() => createStaticHandler({ root: `${root}/none`, manifest: false })).toThrow(/cannot list/)
  })
})

describe('a new release', () => {
  test('is served after reload(), or once the manifest has changed', async () => {
    const { root, project } = await build()
    const [manual, watching] = [createStaticHandler({ root }), createStaticHandler({ root, reload: true })]
    onTestFinished(() => watching.close())
    const [{ origin: one }, { origin: other }] = [await listen(manual), await listen(watching)]
    await ask(one, '/static/css/site.css')
    await addTo(project, { 'static/css/site.css': 'b {}', 'static/new.txt': 'new' })
    await bundlers['Vite 8']!(project, { dirs: ['static'], css: 'preserve' }, KEEP)
    expect((await ask(one, '/static/new.txt')).status).toBe(404)
    // In memory is what was asked for.
    expect((await ask(one, '/static/css/site.css')).text).toBe(CSS)
    manual.reload()
    expect((await ask(one, '/static/css/site.css')).text).toBe('b {}')
    expect((await ask(one, '/static/new.txt')).text).toBe('new')
    while ((await ask(other, '/static/new.txt')).status !== 200)
      await new Promise(resolve => setTimeout(resolve, 100))
  })

  test('that cannot be read leaves the old one in place', async () => {
    const { root } = await build()
    const handler = createStaticHandler({ root })
    const { origin } = await listen(handler)
    writeFileSync(`${root}/staticfiles.json`, '{"paths": ')
    expect(() => handler.reload()).toThrow(/cannot read the manifest/)
    expect((await ask(origin, '/static/css/site.css')).status).toBe(200)
  })
})

describe('as Request and Response', () => {
  test('the same answers', async () => {
    const { root } = await shared()
    const serve = createFetchHandler({ root })
    const ask = (url: string, init?: RequestInit) => serve(new Request(`http://localhost${url}`, init))
    const whole = await ask('/static/css/site.css?x')
    expect([whole.status, await whole.text()]).toEqual([200, CSS])
    expect(whole.headers.get('cache-control')).toBe('public, max-age=60')
    const compressed = await ask('/static/css/site.css', { headers: { 'accept-encoding': 'br' } })
    expect(brotliDecompressSync(Buffer.from(await compressed.arrayBuffer())).toString()).toBe(CSS)
    const etag = whole.headers.get('etag')!
    expect((await ask('/static/css/site.css', { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect(await (await ask('/static/css/site.css', { method: 'HEAD' })).text()).toBe('')
    expect((await ask('/static/css/site.css', { method: 'POST' })).status).toBe(405)
    expect((await ask('/static/none')).status).toBe(404)
    expect((await ask('/other')).status).toBe(404)
    const streamed = createFetchHandler({ root, memory: 0 })
    expect(await (await streamed(new Request('http://localhost/static/js/big.txt'))).text()).toBe(BIG)
  })
})

async function replace(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}
