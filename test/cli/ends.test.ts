import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import { build, createServer } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { exitCode, project, startCommand } from '../support/project.ts'

// Whoever starts threads ends them. A thread that holds its process never lets a command end, so that each has a limit here.
const LIMIT = 60_000

/** More than the main thread does alone. */
const FILES = 300

const CONFIGURATION = `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], staticRoot: process.env.TO })] }
`

async function site(more: Readonly<Record<string, string>> = {}) {
  const files = Array.from({ length: FILES }, (_, index) => [
    [`static/${index}.txt`, `text ${index} `.repeat(100)],
    [`static/${index}.css`, `a { background: url(${index}.txt) }`],
  ]).flat()
  return project({ 'vite.config.js': CONFIGURATION, ...Object.fromEntries(files), ...more })
}

/** Each thread needs this long to start: the main thread has done everything by then. */
async function lateThreads(root: string): Promise<Record<string, string>> {
  const file = path.join(root, 'late.cjs')
  const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)'
  writeFileSync(file, `if (!require('node:worker_threads').isMainThread) ${wait}`)
  return { NODE_OPTIONS: `--require=${file}` }
}

const COMMANDS: [string, ...string[]][] = [
  ['collect', '--noinput'],
  ['check'],
  ['report'],
  ['list'],
  ['find', '1.css'],
  ['collect', '--noinput', '--dry-run'],
  ['collect', '--noinput', '--no-post-process'],
  ['manifest'],
  ['prune'],
  ['config', 'nginx'],
]

/** The exit code of a command, or `'goes on'` if it has not ended by then. */
async function endOf(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = startCommand(root, args, env)
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT)
  const code = await exitCode(child)
  clearTimeout(timer)
  return child.signalCode === 'SIGKILL' ? 'goes on' : code
}

describe('every command ends', { timeout: COMMANDS.length * LIMIT }, () => {
  test('when the machine is idle', async () => {
    const root = await site()
    for (const args of COMMANDS) expect([args, await endOf(root, args)]).toEqual([args, 0])
  })

  test('when its threads are ready too late to help', async () => {
    const root = await site()
    const env = await lateThreads(root)
    for (const args of COMMANDS) expect([args, await endOf(root, args, env)]).toEqual([args, 0])
  })

  describe('when the machine is busy', () => {
    const loops: ReturnType<typeof spawn>[] = []
    beforeAll(() => {
      const loop = 'setTimeout(() => process.exit(), 600_000); (function turn() { setImmediate(turn) })()'
      for (let index = 0; index < availableParallelism(); index++) {
        loops.push(spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }))
      }
    })
    afterAll(() => {
      for (const each of loops) each.kill('SIGKILL')
    })

    test('each of three times', async () => {
      const root = await site()
      for (const args of COMMANDS.slice(0, 3).flatMap(args => [args, args, args])) {
        expect([args, await endOf(root, args)]).toEqual([args, 0])
      }
    })
  })

  test('when it fails', async () => {
    const root = await site({ 'static/broken.css': 'a { background: url(missing.png) }' })
    for (const args of [['check'], ['collect', '--noinput']]) {
      expect([args, await endOf(root, args, await lateThreads(root))]).toEqual([args, 1])
    }
  })
})

describe('no thread is left', () => {
  const threads = new Set<Worker>()
  const note = (thread: Worker) => {
    threads.add(thread)
    thread.once('exit', () => threads.delete(thread))
  }
  beforeAll(() => {
    process.on('worker', note)
    return () => void process.off('worker', note)
  })
  /** All that `work` started have ended soon after it. */
  async function leavesNone(work: () => Promise<unknown>) {
    let started = 0
    const count = () => started++
    process.on('worker', count)
    await work().finally(() => process.off('worker', count))
    expect(started).toBeGreaterThan(0)
    await eventually(() => expect(threads.size).toBe(0))
  }

  test('by a build', async () => {
    const root = await site()
    await leavesNone(() => build({ root, logLevel: 'silent' }))
  })

  test('by builds that run at the same time', async () => {
    const root = await site()
    await leavesNone(async () => {
      const builds = ['one', 'two'].map(name => {
        const file = path.join(root, `${name}.config.js`)
        writeFileSync(file, CONFIGURATION.replace('process.env.TO', `'${name}'`))
        return build({ root, configFile: file, logLevel: 'silent' })
      })
      await Promise.all(builds)
    })
  })

  test.each([
    ['references are missing', { 'static/broken.css': 'a { background: url(missing.png) }' }],
    ['a module cannot be parsed', { 'main.js': 'import (' }],
  ])('by a build that fails because %s', async (_, more: Record<string, string>) => {
    const root = await site(more)
    const input = 'main.js' in more ? { input: path.join(root, 'main.js') } : {}
    await leavesNone(() =>
      expect(build({ root, logLevel: 'silent', build: { rollupOptions: input } })).rejects.toThrow(),
    )
  })

  test('by a build that compresses in other threads than those of Node', async () => {
    const build = `
import { build } from 'vite'
const [started, ended] = [[], []]
process.on('worker', thread => started.push(thread.once('exit', () => ended.push(thread))))
await build({ logLevel: 'silent' })
console.log(JSON.stringify([started.length, ended.length]))`
    const config = CONFIGURATION.replace('dirs:', 'compress: { cache: false }, dirs:')
    // Too few files for the main thread to ask for help with anything but compressing.
    const files = Array.from({ length: 60 }, (_, index) => [
      `static/${index}.txt`,
      `text ${index} `.repeat(5000),
    ])
    const root = await project({
      'vite.config.js': config,
      'build.mjs': build,
      ...Object.fromEntries(files),
    })
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1', TO: 'out' }
    const output = execFileSync(process.execPath, ['build.mjs'], { cwd: root, env, encoding: 'utf8' })
    const [started, ended] = JSON.parse(output)
    expect(started).toBe(Math.max(availableParallelism() - 1, 0))
    expect(ended).toBe(started)
  })

  test('by the inspector of `vite dev`', async () => {
    const server = await createServer({
      root: await site(),
      ...{ logLevel: 'silent', appType: 'custom', server: { port: 0, host: '127.0.0.1' } },
    })
    onTestFinished(() => server.close())
    await server.listen()
    const origin = server.resolvedUrls!.local[0]!
    await leavesNone(async () => {
      const { ok } = await fetch(new URL('/static/__staticfiles/files.json', origin))
      expect(ok).toBe(true)
    })
  })
})
