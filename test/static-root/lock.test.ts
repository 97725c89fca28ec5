import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lock, lockFile } from '../../src/static-root/releases/lock.ts'
import { exitCode, project, startCommand } from '../support/project.ts'
import { addTo, symlink, type Tree, tree } from '../support/tree.ts'

const IS_ROOT = process.getuid?.() === 0
const NOBODY = 65534

describe('the lock', () => {
  test('keeps a second build waiting, and says for whom', async () => {
    const root = await tree({ 'linked/': '', out: symlink('linked') })
    const other = await hold(lockFile(`${root}/out/static`))
    const told: string[] = []
    let taken = false
    const waiting = lock(`${root}/linked/static`, message => told.push(message)).then(release => {
      taken = true
      release()
    })
    await sleep(500)
    expect(taken).toBe(false)
    expect(told).toEqual([expect.stringContaining(`(process ${other.pid} on `)])
    other.kill('SIGKILL')
    await waiting
    expect(taken).toBe(true)
  })

  test('is that of the folder, by whatever path and before it is there', async () => {
    const root = await tree({ 'real/': '', link: symlink('real') })
    const before = lockFile(`${root}/link/a/../static`)
    expect(before).toBe(lockFile(`${root}/real/static`))
    await addTo(root, { 'real/static/x': '' })
    expect(lockFile(`${root}/link/static`)).toBe(before)
    expect(lockFile(`${root}/link`)).not.toBe(before)
  })

  test('is shared within a process, and taken again after it is released', async () => {
    const root = await tree({})
    const first = await lock(root, () => expect.unreachable())
    const second = await lock(root, () => expect.unreachable())
    first()
    second()
    const third = await lock(root, () => expect.unreachable())
    third()
  })

  test('keeps two builds apart: the result is wholly that of one', async () => {
    const root = await project({
      'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default ({ mode }) => ({ plugins: [staticfiles({ dirs: [mode], staticRoot: 'out', compress: false })] })
`,
      ...many('one'),
      ...many('two'),
    })
    const builds = ['one', 'two'].map(mode => startCommand(root, ['collect', '--clear', '--mode', mode]))
    expect(await Promise.all(builds.map(exitCode))).toEqual([0, 0])
    const texts = Object.keys(JSON.parse(readFileSync(`${root}/out/staticfiles.json`, 'utf8')).paths).map(
      name => readFileSync(`${root}/out/${name}`, 'utf8'),
    )
    expect(new Set(texts.map(text => text.split(' ')[0])).size).toBe(1)
    expect(texts).toHaveLength(200)
  })

  const PLANTED: [string, (file: string, root: string) => void][] = [
    ['a link to a file', (file, root) => symlinkSync(`${root}/precious.txt`, file)],
    ['a link to nothing', (file, root) => symlinkSync(`${root}/nothing`, file)],
    ['a folder', file => mkdirSync(file)],
    ['another file', file => writeFileSync(file, 'precious')],
    ['a message to the terminal', file => writeFileSync(file, '{"pid":1,"host":"\\u001b[2J","since":"x"}')],
  ]

  test.each(PLANTED)('does no harm where somebody has put %s in its place', async (_, plant) => {
    const root = await tree({ 'precious.txt': 'precious' })
    const file = lockFile(`${root}/out`)
    plant(file, root)
    onTestFinished(() => rmSync(file, { recursive: true, force: true }))
    const error = await lock(`${root}/out`, () => {}).catch(each => each)
    expect(error.message).toContain(`staticfiles: cannot take the lock ${file}: `)
    expect(error.message).toContain('what lies there is not a lock')
    expect(error.message).not.toContain('\u001b')
    expect(readFileSync(`${root}/precious.txt`, 'utf8')).toBe('precious')
    expect(existsSync(`${root}/nothing`)).toBe(false)
  })

  test('that nobody can take is explained', async () => {
    const root = await tree({ 'static/x.txt': '', 'out/': '', 'tmp/': '' })
    chmodSync(`${root}/tmp`, 0o555)
    const { stderr } = buildAsAnother(root)
    expect(stderr).toContain(`StaticFilesError: staticfiles: cannot take the lock ${root}/tmp/staticfiles-`)
    expect(stderr).toContain('EACCES')
    expect(stderr).toContain('let TMPDIR name a folder in which you may write')
  })

  // Only root can be two users.
  test.runIf(IS_ROOT)('that another user left behind is explained', async () => {
    const root = await tree({ 'static/x.txt': '', 'out/': '', 'tmp/': '' })
    chmodSync(`${root}/tmp`, 0o1777)
    const file = path.join(root, 'tmp', path.basename(lockFile(`${root}/out`)))
    const gone = await hold(file)
    gone.kill('SIGKILL')
    await exitCode(gone)
    const { stderr } = buildAsAnother(root)
    expect(stderr).toContain(`StaticFilesError: staticfiles: cannot take the lock ${file}: EPERM`)
    expect(stderr).toContain(`(process ${gone.pid}, which held it, is gone, but left it behind)`)
    expect(readdirSync(`${root}/tmp`)).toEqual([path.basename(file)])
    rmSync(file)
    expect(buildAsAnother(root)).toMatchObject({ stderr: '', status: 0 })
    expect(readdirSync(`${root}/tmp`)).toEqual([])
  })
})

function many(folder: string): Tree {
  const names = Array.from({ length: 200 }, (_, index) => `${folder}/file${index}.txt`)
  return Object.fromEntries(names.map((name, index) => [name, `${folder} ${index}\n`.repeat(40)]))
}

/** Starts a process that holds a lock until it is killed. */
async function hold(file: string): Promise<ChildProcess> {
  const script = `
const holder = { pid: process.pid, host: require('node:os').hostname(), since: new Date().toISOString() }
require('node:fs').writeFileSync(process.argv[1], JSON.stringify(holder), { flag: 'wx' })
console.log('held')
setInterval(() => {}, 1000)
`
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => child.stdout.once('data', resolve))
  return child
}

/** Builds with Rollup in `root`, whose `tmp` is the system's temporary folder; root becomes somebody else for that. */
function buildAsAnother(root: string): { stderr: string; status: number | null } {
  const load = (name: string) => JSON.stringify(import.meta.resolve(name))
  const script = `
const { rollup } = await import(${load('rollup')})
const { staticfiles } = await import(${load('vite-plugin-staticfiles')})
const bundle = await rollup({ onLog() {}, plugins: staticfiles({ dirs: ['static'], staticRoot: 'out' }) })
await bundle.write({})
`
  for (const folder of [root, `${root}/out`]) chmodSync(folder, 0o777)
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: `${root}/tmp` },
    ...(IS_ROOT && { uid: NOBODY, gid: NOBODY }),
  })
  return { stderr, status }
}
