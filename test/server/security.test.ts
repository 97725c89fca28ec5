import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStaticHandler } from '../../src/server/index.ts'
import { bundlers } from '../support/bundlers.ts'
import { eventually } from '../support/eventually.ts'
import { rawRequest } from '../support/raw-request.ts'
import { ask, listen, serve } from '../support/static-server.ts'
import { symlink, type Tree, tree } from '../support/tree.ts'

const SECRET = 'the secret'
const LARGE = 8 * 1024 * 1024

/** A static root with and without an index, beside files that nobody is to see. */
async function staticRoot(index: boolean, more: Tree = {}): Promise<string> {
  const project = await tree({
    'static/a.css': 'a { color: red }',
    'static/img/dot.txt': 'dot',
    'secret.txt': SECRET,
    'staticfiles-other/secret.txt': SECRET,
    ...more,
  })
  const root = await bundlers['Vite 8']!(project, { dirs: ['static'] }, { build: { emptyOutDir: false } })
  if (!index) writeFileSync(`${root}/staticfiles.index.json`, '{}')
  return root
}

const TRAVERSALS = [
  '/static/../secret.txt',
  '/static/img/../../secret.txt',
  '/static/%2e%2e/secret.txt',
  '/static/%2e%2e%2fsecret.txt',
  '/static/..%2fsecret.txt',
  '/static/%252e%252e/secret.txt',
  '/static/..%5csecret.txt',
  '/static/..\\secret.txt',
  '/static/../staticfiles-other/secret.txt',
  '/static/..staticfiles-other/secret.txt',
  '/static//etc/passwd',
  '/static/%2fetc/passwd',
  '/static/./secret.txt',
  '/static/a.css%00',
  '/static/a.css%00.png',
  '/static/%00',
  '/static/img',
  '/static/img/',
  '/static/',
  '/static/a.css/',
  '/static/a.css/..',
  '/static/staticfiles.json',
  '/static/staticfiles.index.json',
  '/static/__proto__',
  '/static/constructor',
  '/static/toString',
]

/** Overlong forms of `.` and `/`, broken escapes, surrogates. */
const MALFORMED = [
  '%',
  '%2',
  '%zz',
  '%c0%ae%c0%ae/secret.txt',
  '%e0%80%ae',
  '%c0%af',
  '%ed%a0%80',
  '%ff',
  '%f8%80%80%80%af',
]

describe.each([true, false])('with an index: %s', index => {
  test('nothing but what may be served is served', async () => {
    const origin = await serve({ root: await staticRoot(index) })
    for (const target of TRAVERSALS) {
      const answer = await rawRequest(origin, [`GET ${target} HTTP/1.1`, 'Connection: close'])
      expect([target, answer]).toEqual([target, expect.stringMatching(/^HTTP\/1\.1 404 /)])
      expect(answer).not.toContain(SECRET)
    }
  })

  test('escapes that are none are refused', async () => {
    const origin = await serve({ root: await staticRoot(index) })
    for (const name of MALFORMED) {
      const answer = await rawRequest(origin, [`GET /static/${name} HTTP/1.1`, 'Connection: close'])
      expect([name, answer]).toEqual([name, expect.stringMatching(/^HTTP\/1\.1 400 /)])
    }
  })

  test('links that lead out of the root are not followed, unless the build has made them', async () => {
    const root = await staticRoot(index, {
      'staticfiles/out.txt': symlink('../secret.txt'),
      'staticfiles/folder': symlink('../staticfiles-other'),
      'staticfiles/broken.txt': symlink('nowhere'),
      'staticfiles/loop': symlink('loop'),
    })
    const origin = await serve({ root })
    for (const name of ['out.txt', 'folder/secret.txt', 'folder', 'broken.txt', 'loop']) {
      expect([name, (await ask(origin, `/static/${name}`)).status]).toEqual([name, 404])
    }
    const project = await tree({ 'static/a.txt': 'linked' })
    const linked = await bundlers['Vite 8']!(project, { dirs: ['static'], link: 'symbolic' })
    if (!index) writeFileSync(`${linked}/staticfiles.index.json`, '{}')
    expect((await ask(await serve({ root: linked }), '/static/a.txt')).text).toBe('linked')
  })
})

test('an index that leads out of the root is none', async () => {
  const root = await staticRoot(true)
  const { hash } = JSON.parse(readFileSync(`${root}/staticfiles.json`, 'utf8'))
  const files = [['0'.repeat(32), SECRET.length, ['../secret.txt']]]
  writeFileSync(`${root}/staticfiles.index.json`, JSON.stringify({ version: 1, manifest: hash, files }))
  const origin = await serve({ root })
  const answer = await rawRequest(origin, ['GET /static/../secret.txt HTTP/1.1', 'Connection: close'])
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
})

test('any request target gets an answer, and none the secret', async () => {
  const origin = await serve({ root: await staticRoot(true) })
  const segment = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'a.css',
      'img',
      'secret.txt',
      '%2e',
      '%2f',
      '%00',
      '%',
      '\\',
      '?',
      ';',
      'static',
      '__proto__',
    ),
    fc.string({ unit: fc.constantFrom(...'abc%./?&=+~0123456789'), maxLength: 12 }),
  )
  const target = fc.array(segment, { maxLength: 8 }).map(segments => `/static/${segments.join('/')}`)
  await fc.assert(
    fc.asyncProperty(target, async url => {
      const { status, text } = await ask(origin, url)
      expect([200, 400, 404]).toContain(status)
      expect(text).not.toContain(SECRET)
      if (status === 200) expect(['a { color: red }', 'dot']).toContain(text)
    }),
    { numRuns: 500 },
  )
})

test('any headers get an answer', async () => {
  const origin = await serve({ root: await staticRoot(true) })
  const text = fc.string({ unit: fc.constantFrom(...'"W/*,;=-q.0189 bytesgzipidentity:GMT'), maxLength: 60 })
  const name = fc.constantFrom(
    ...[
      'accept-encoding',
      'range',
      'if-range',
      'if-match',
      'if-none-match',
      'if-modified-since',
      'if-unmodified-since',
    ],
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, text, { maxKeys: 4 }), async headers => {
      const { status } = await ask(origin, '/static/a.css', headers)
      expect([200, 206, 304, 406, 412, 416]).toContain(status)
    }),
    { numRuns: 500 },
  )
})

test('headers without end are refused, and the server goes on', async () => {
  const origin = await serve({ root: await staticRoot(true) })
  const answer = await rawRequest(origin, [
    'GET /static/a.css HTTP/1.1',
    `Range: bytes=${'0-1,'.repeat(20_000)}`,
  ])
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  for (const header of ['Range: bytes=0-1,', 'If-None-Match: "', 'Accept-Encoding: gzip;q=']) {
    const long = header + '1,"'.repeat(5000)
    const other = await rawRequest(origin, ['GET /static/a.css HTTP/1.1', long, 'Connection: close'])
    expect([header, other]).toEqual([header, expect.stringMatching(/^HTTP\/1\.1 200 /)])
  }
})

describe.runIf(process.platform === 'linux')('no descriptor stays open', () => {
  const descriptors = () => readdirSync('/proc/self/fd').length

  async function largeFile(): Promise<{ origin: string; before: number }> {
    const root = await staticRoot(true, { 'static/large.bin': 'x'.repeat(LARGE) })
    const handler = createStaticHandler({ root })
    const { origin } = await listen((req, res) => handler(req, res))
    expect((await ask(origin, '/static/large.bin')).body).toHaveLength(LARGE)
    await settled(0)
    return { origin, before: descriptors() }
  }

  /** Until no connection is left that the test has made. */
  async function settled(expected: number): Promise<void> {
    let last = Number.NaN
    await eventually(() => {
      const now = descriptors()
      const still = expected > 0 ? now <= expected : now === last
      last = now
      expect(still).toBe(true)
    })
  }

  test('where clients go away in the middle of a file', async () => {
    const { origin, before } = await largeFile()
    for (let round = 0; round < 20; round++) await abort(origin, 'GET /static/large.bin HTTP/1.1')
    await settled(before)
    expect((await ask(origin, '/static/a.css')).status).toBe(200)
  })

  test('where clients go away before the answer begins', async () => {
    const { origin, before } = await largeFile()
    for (let round = 0; round < 50; round++) await abort(origin, 'GET /static/large.bin HTTP/1.1', false)
    await settled(before)
    expect((await ask(origin, '/static/large.bin')).status).toBe(200)
  })

  test('nor memory in use, where clients read slowly', async () => {
    const { origin, before } = await largeFile()
    const slow = await Promise.all(
      Array.from({ length: 20 }, () => paused(origin, 'GET /static/large.bin HTTP/1.1')),
    )
    global.gc?.()
    // 20 files of 8 MiB would be 160.
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(60 * 1024 * 1024)
    expect((await ask(origin, '/static/a.css')).status).toBe(200)
    for (const socket of slow) socket.destroy()
    await settled(before)
  })
})

/** Sends a request and goes away, at once or when the answer has begun. */
function abort(origin: string, line: string, waits = true): Promise<void> {
  const { hostname, port } = new URL(origin)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${line}\r\nHost: x\r\n\r\n`, () => !waits && socket.destroy())
    })
    socket.once('data', () => socket.destroy())
    socket.once('close', () => resolve())
  })
}

/** Sends a request and reads no more than its beginning. */
function paused(origin: string, line: string): Promise<ReturnType<typeof connect>> {
  const { hostname, port } = new URL(origin)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname, () => socket.write(`${line}\r\nHost: x\r\n\r\n`))
    socket.once('data', () => resolve(socket.pause()))
    onTestFinished(() => void socket.destroy())
  })
}
