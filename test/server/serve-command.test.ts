import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type ServeOptions, StaticServer } from '../../src/server/processes/http-server.ts'
import { bundlers } from '../support/bundlers.ts'
import { eventually } from '../support/eventually.ts'
import { project, staticfilesCommand } from '../support/project.ts'
import { ask } from '../support/static-server.ts'
import { addTo } from '../support/tree.ts'

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.mjs')
const KEEP = { build: { emptyOutDir: false } }
const LARGE = 'x'.repeat(20 * 1024 * 1024)
const FILES = {
  'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], staticUrl: '/assets/', compress: false })] }
`,
  'static/a.css': 'a {}',
  'static/large.txt': LARGE,
}

interface Running {
  readonly child: ChildProcess
  readonly origin: string
  output(): string
}

/** Starts the command and waits until it says where it serves. */
async function start(cwd: string, ...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--host', '127.0.0.1', ...args], {
    cwd,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
  const [, origin] = await eventually(() => {
    const found = /(http:\/\/[^/]+)\//.exec(output)
    if (!found) throw new Error(output)
    return found
  })
  return { child, origin: origin!, output: () => output }
}

async function built(): Promise<{ root: string; folder: string }> {
  const root = await project(FILES)
  return { root, folder: await build(root) }
}

function build(root: string): Promise<string> {
  return bundlers['Vite 8']!(root, { dirs: ['static'], css: 'preserve', compress: false }, KEEP)
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

test('it serves what the Vite configuration names, at its URL', async () => {
  const { root } = await built()
  const { child, origin, output } = await start(root)
  expect(output()).toMatch(/^staticfiles is served at http:\/\/127\.0\.0\.1:\d+\/assets\/\n$/)
  expect((await ask(origin, '/assets/a.css')).text).toBe('a {}')
  expect((await ask(origin, '/static/a.css')).status).toBe(404)
  child.kill('SIGTERM')
  expect(await ended(child)).toBe(0)
})

test('a folder needs no configuration, and no Vite', async () => {
  const { folder } = await built()
  const { origin } = await start('/', folder, '--url', '/x/')
  expect((await ask(origin, '/x/a.css')).text).toBe('a {}')
})

test('its space for young objects does not grow', async () => {
  const fill = `
    import v8 from 'node:v8'
    process.on('SIGUSR2', () => {
      const kept = Array.from({ length: 1e6 }, (_, index) => ({ index }))
      const young = v8.getHeapSpaceStatistics().find(each => each.space_name === 'new_space')
      console.log(kept.length + ' are kept, young: ' + young.space_size)
    })`
  vi.stubEnv('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(fill)}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { folder } = await built()
  const { child, output } = await start('/', folder)
  child.kill('SIGUSR2')
  const young = await eventually(() => /kept, young: (\d+)/.exec(output())![1])
  expect(Number(young)).toBeLessThanOrEqual(8 * 1024 * 1024)
})

test('what is given wrongly is refused', async () => {
  const { root, folder } = await built()
  const wrong = (...args: string[]) => {
    const { code, stderr } = staticfilesCommand(root, ['serve', ...args])
    return [code, stderr.trim()]
  }
  expect(wrong('--workers', '0')).toEqual([
    2,
    expect.stringContaining('--workers takes a whole number above 0'),
  ])
  expect(wrong('--url', '/x/')).toEqual([2, expect.stringContaining('--url belongs to FOLDER')])
  expect(wrong(folder, 'other')).toEqual([2, expect.stringContaining("one folder, not 'other' too")])
  expect(wrong('nowhere')).toEqual([1, expect.stringContaining('there is no manifest')])
})

describe.each([1, 2])('%i at work', workers => {
  const several = ['--workers', String(workers)]

  test('SIGTERM ends it when the requests under way are answered, and not for idle connections', async () => {
    const { folder } = await built()
    const { child, origin } = await start('/', folder, ...several)
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const [idle] = await once(get(`${origin}/static/a.css`, { agent }), 'response')
    idle.resume()
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname)
    socket.write('GET /static/large.txt HTTP/1.1\r\nHost: x\r\n\r\n')
    const [first] = await once(socket, 'data')
    socket.pause()
    child.kill('SIGTERM')
    await eventually(() => expect(ask(origin, '/static/a.css')).rejects.toThrow(/ECONN(REFUSED|RESET)/))
    let received = first.length
    socket.on('data', data => (received += data.length)).resume()
    await once(socket, 'close')
    expect(received).toBeGreaterThan(LARGE.length)
    expect(await ended(child)).toBe(0)
  })

  test('no request fails while builds come and go', async () => {
    const { root, folder } = await built()
    const { child, origin } = await start('/', folder, ...several)
    const statuses = new Map<string, number>()
    let asking = true
    onTestFinished(() => {
      asking = false
    })
    const clients = Array.from({ length: 8 }, async () => {
      while (asking) {
        const { status, text } = await ask(origin, '/static/a.css')
        const seen = `${status} ${text}`
        statuses.set(seen, (statuses.get(seen) ?? 0) + 1)
      }
    })
    for (const [number, signal] of [
      [1, 'SIGHUP'],
      [2, undefined],
      [3, 'SIGHUP'],
    ] as const) {
      await addTo(root, { 'static/a.css': `a { order: ${number} }` })
      await build(root)
      if (signal) child.kill(signal)
      await eventually(() => expect([...statuses.keys()]).toContain(`200 a { order: ${number} }`))
    }
    asking = false
    await Promise.all(clients)
    const expected = ['200 a {}', ...[1, 2, 3].map(number => `200 a { order: ${number} }`)]
    expect([...statuses.keys()].sort()).toEqual(expected.sort())
  })

  test('a build that cannot be read leaves the one of before', async () => {
    const { folder } = await built()
    const { child, origin, output } = await start('/', folder, ...several)
    const manifest = readFileSync(`${folder}/staticfiles.json`, 'utf8')
    await addTo(folder, { 'staticfiles.json': manifest.slice(0, 20) })
    child.kill('SIGHUP')
    await eventually(() =>
      expect(output()).toContain('the previous build is still served: cannot read the manifest'),
    )
    expect((await ask(origin, '/static/a.css')).status).toBe(200)
  })
})

describe('clients that stand still', () => {
  /** A server with short times, in this process. */
  async function impatient(times: Pick<ServeOptions, 'idleTimeout' | 'drainTimeout'>) {
    const { folder } = await built()
    const options = { files: { root: folder, staticUrl: '/static/' }, port: 0, host: '127.0.0.1', ...times }
    const server = new StaticServer(options)
    const { port } = await server.listen(options)
    let drained: Promise<void> | undefined
    const drain = () => (drained ??= server.drain())
    onTestFinished(() => drain())
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    return { socket, drain }
  }

  /** Asks for the large file, takes its first bytes, and then no more. */
  async function stopReading(socket: Socket): Promise<void> {
    socket.write('GET /static/large.txt HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.pause()
  }

  test.each([
    [
      'in the middle of a request',
      async (socket: Socket) => void socket.write('GET /static/a.css HTTP/1.1\r\nHo'),
    ],
    ['in the middle of an answer', stopReading],
  ])('%s are left after the silence', async (_, stop) => {
    const { socket } = await impatient({ idleTimeout: 300 })
    await stop(socket)
    const began = performance.now()
    // A paused socket does not learn of its end before it has read all.
    setTimeout(() => socket.resume(), 1500)
    await once(socket, 'close')
    expect(performance.now() - began).toBeLessThan(5000)
    expect(socket.bytesRead).toBeLessThan(LARGE.length)
  })

  test('but not one that goes on in time', async () => {
    const { socket } = await impatient({ idleTimeout: 1000 })
    let answer = ''
    socket.on('data', data => (answer += data))
    for (const part of ['GET /static/a.css HT', 'TP/1.1\r\nHo', 'st: x\r\nConnection: ', 'close\r\n\r\n']) {
      socket.write(part)
      await new Promise(resolve => setTimeout(resolve, 400))
    }
    await eventually(() => expect(answer).toMatch(/^HTTP\/1\.1 200 .*a \{\}$/s))
  })

  test('do not keep the server from its end', async () => {
    const { socket, drain } = await impatient({ drainTimeout: 300 })
    await stopReading(socket)
    const began = performance.now()
    await drain()
    expect(performance.now() - began).toBeGreaterThan(250)
    expect(performance.now() - began).toBeLessThan(5000)
    socket.resume()
    await once(socket, 'close')
    expect(socket.bytesRead).toBeLessThan(LARGE.length)
  })
})

test('a port that is taken is told once, however many workers there are to be', async () => {
  const { root, folder } = await built()
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const where = ['--host', '127.0.0.1', '--port', String(port)]
  for (const workers of ['1', '2', '12']) {
    const { code, stderr } = staticfilesCommand(root, ['serve', folder, ...where, '--workers', workers])
    expect([code, stderr]).toEqual([
      1,
      `error: something listens on port ${port} already: give another with --port\n`,
    ])
  }
})

describe.runIf(process.platform === 'linux')('the processes of workers', () => {
  const childrenOf = ({ pid }: ChildProcess) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').slice(0, -1)

  test('SIGTERM ends workers that have just started', async () => {
    const { folder } = await built()
    const command = spawn(process.execPath, [CLI, 'serve', folder, '--port', '0', '--workers', '4'])
    onTestFinished(() => void command.kill('SIGKILL'))
    await eventually(() => expect(childrenOf(command)).not.toEqual([]))
    command.kill('SIGTERM')
    expect(await ended(command)).toBe(0)
  })

  test('a worker that crashes is replaced', async () => {
    const { folder } = await built()
    const { child, origin, output } = await start('/', folder, '--workers', '2')
    expect(output()).toContain('by 2 workers')
    const before = childrenOf(child)
    expect(before).toHaveLength(2)
    for (const pid of before) process.kill(Number(pid), 'SIGKILL')
    await eventually(() => {
      const now = childrenOf(child).filter(pid => !before.includes(pid))
      expect(now).toHaveLength(2)
    })
    await eventually(async () => expect((await ask(origin, '/static/a.css')).status).toBe(200))
    expect(output()).toContain('ended (SIGKILL): another one starts')
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(0)
  })
})
