import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { INDEX } from '../src/index-file.ts'
import { LEDGER, readLedger } from '../src/releases/ledger.ts'
import { lock } from '../src/releases/lock.ts'
import { prune } from '../src/releases/prune.ts'
import { bundlers, vites } from './setup/bundlers.ts'
import { addTo, type Tree, tree } from './setup/tree.ts'
import { project, staticfilesCommand } from './support/project.ts'

const OPTIONS = { dirs: ['static'], css: 'preserve' } as const
const KEEP = { build: { emptyOutDir: false } }

describe.each(Object.entries(vites))('%s', (_, bundle) => {
  const buildRelease = (root: string, files: Tree) =>
    addTo(root, files).then(() => bundle(root, { ...OPTIONS, staticRoot: 'out' }, KEEP))

  test('keeps the files of earlier releases until they are pruned', async () => {
    const root = await tree({})
    const out = await buildRelease(root, {
      'static/a.css': 'a { color: red }'.repeat(20),
      'static/gone.txt': 'gone',
    })
    rmSync(`${root}/static/gone.txt`)
    await buildRelease(root, { 'static/a.css': 'a { color: green }'.repeat(20), 'static/b.txt': 'b' })
    await buildRelease(root, { 'static/a.css': 'a { color: blue }'.repeat(20) })
    // The same again is no further release.
    await buildRelease(root, {})
    writeFileSync(`${out}/foreign.txt`, 'not ours')
    const releases = readLedger(out)
    expect(releases).toHaveLength(3)
    expect(releases.every(release => release.completedAt)).toBe(true)
    expect(stylesheets(out)).toHaveLength(3)

    const options = { staticRoot: out, manifest: `${out}/staticfiles.json` }
    const before = filesOf(out)
    expect((await prune({ ...options, keep: 1, dryRun: true })).removed.length).toBeGreaterThan(0)
    expect((await prune({ ...options, keep: 1, age: 3600 })).removed).toEqual([])
    expect((await prune({ ...options })).removed).toEqual([])
    expect(filesOf(out)).toEqual(before)

    const { removed, kept, bytes } = await prune({ ...options, keep: 2 })
    expect(removed).toContain('gone.txt')
    expect(bytes).toBeGreaterThan(0)
    expect(kept).toHaveLength(2)
    expect(stylesheets(out)).toHaveLength(2)
    await prune({ ...options, keep: 0 })
    expect(stylesheets(out)).toHaveLength(1)
    expect(filesOf(out)).toEqual(
      [
        ...new Set([...readLedger(out)[0]!.files, ...['foreign.txt', 'staticfiles.json', INDEX, LEDGER]]),
      ].sort(),
    )
  })
})

describe('the ledger', () => {
  test('is not written where builds empty the folder, nor in a dry run', async () => {
    const root = await tree({ 'static/a.txt': 'a' })
    await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out' })
    expect(existsSync(`${root}/out/${LEDGER}`)).toBe(false)
    await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'dry', dryRun: true }, KEEP)
    expect(existsSync(`${root}/dry`)).toBe(false)
  })

  test('that is damaged is set aside by a build, and refused by prune', async () => {
    const root = await tree({ 'static/a.txt': 'a', [`out/${LEDGER}`]: '{"version": 1, "rel' })
    const out = `${root}/out`
    await expect(prune({ staticRoot: out, manifest: `${out}/staticfiles.json` })).rejects.toThrow(
      `cannot read the releases in ${out}/${LEDGER}`,
    )
    await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out' }, KEEP)
    expect(existsSync(`${out}/${LEDGER}.broken`)).toBe(true)
    expect(readLedger(out)).toHaveLength(1)
  })

  test.each([['../outside.txt'], ['/etc/passwd'], ['a/../../outside.txt'], ['']])(
    'that names %j leads nowhere else',
    async name => {
      const root = await tree({ 'outside.txt': 'mine', 'static/a.txt': 'a' })
      await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out' }, KEEP)
      const out = `${root}/out`
      const [release] = readLedger(out)
      const old = { ...release, manifestHash: 'old', files: [name] }
      writeFileSync(`${out}/${LEDGER}`, JSON.stringify({ version: 1, releases: [old, release] }))
      await expect(prune({ staticRoot: out, manifest: `${out}/staticfiles.json`, keep: 1 })).rejects.toThrow(
        'it is no ledger',
      )
      expect(existsSync(`${root}/outside.txt`)).toBe(true)
    },
  )

  test('does not lead through symbolic links out of the folder', async () => {
    const root = await tree({ 'outside/x.txt': 'mine', 'static/a.txt': 'a' })
    await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out' }, KEEP)
    const out = `${root}/out`
    symlinkSync(`${root}/outside`, `${out}/linked`)
    const [release] = readLedger(out)
    const old = { ...release, manifestHash: 'old', files: ['linked/x.txt'] }
    writeFileSync(`${out}/${LEDGER}`, JSON.stringify({ version: 1, releases: [old, release] }))
    const { removed } = await prune({ staticRoot: out, manifest: `${out}/staticfiles.json`, keep: 1 })
    expect(removed).toEqual([])
    expect(existsSync(`${root}/outside/x.txt`)).toBe(true)
  })

  test('that lacks the release of the manifest is no ground to remove anything', async () => {
    const root = await tree({ 'static/a.txt': 'a' })
    const out = await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out' }, KEEP)
    writeFileSync(`${out}/staticfiles.json`, '{"paths": {}, "version": "1.1", "hash": "0123456789ab"}')
    await expect(prune({ staticRoot: out, manifest: `${out}/staticfiles.json` })).rejects.toThrow(
      'something else has written the manifest',
    )
  })

  test('that is missing is explained', async () => {
    const root = await tree({ 'out/x': '' })
    await expect(
      prune({ staticRoot: `${root}/out`, manifest: `${root}/out/staticfiles.json` }),
    ).rejects.toThrow('build: { emptyOutDir: false }')
  })
})

describe('the lock', () => {
  test('keeps a second build waiting, and says for whom', async () => {
    const root = await tree({ 'static/a.txt': 'a', 'hold.mjs': holder('out') })
    const other = spawn(process.execPath, [`${root}/hold.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise(resolve => other.stdout.once('data', resolve))
    const told: string[] = []
    let taken = false
    const waiting = lock(`${root}/out`, message => told.push(message)).then(release => {
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
    const builds = ['one', 'two'].map(mode => finished(start(root, ['collect', '--clear', '--mode', mode])))
    expect(await Promise.all(builds)).toEqual([0, 0])
    const texts = Object.keys(JSON.parse(readFileSync(`${root}/out/staticfiles.json`, 'utf8')).paths).map(
      name => readFileSync(`${root}/out/${name}`, 'utf8'),
    )
    expect(new Set(texts.map(text => text.split(' ')[0])).size).toBe(1)
    expect(texts).toHaveLength(200)
  })
})

test('a build that is killed leaves a consistent release, and prune removes what it left', async () => {
  const root = await project({
    'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default ({ mode }) => ({ plugins: [staticfiles({ dirs: [mode], staticRoot: 'out' })] })
`,
    ...many('one'),
    ...many('two'),
  })
  const began = performance.now()
  expect(staticfilesCommand(root, ['collect', '--mode', 'one']).code).toBe(0)
  const duration = performance.now() - began
  const first = readFileSync(`${root}/out/staticfiles.json`, 'utf8')
  const hashed: string[] = Object.values(JSON.parse(first).paths)
  for (let round = 1; round <= 8; round++) {
    const child = start(root, ['collect', '--mode', 'two'])
    await sleep(duration * (0.4 + (0.6 * round) / 8))
    child.kill('SIGKILL')
    await finished(child)
    expect(hashed.filter(name => !existsSync(`${root}/out/${name}`))).toEqual([])
  }
  expect(staticfilesCommand(root, ['collect', '--mode', 'two']).code).toBe(0)
  expect(staticfilesCommand(root, ['prune', '--keep', '1']).code).toBe(0)
  rmSync(`${root}/clean`, { recursive: true, force: true })
  writeFileSync(
    `${root}/vite.config.js`,
    readFileSync(`${root}/vite.config.js`, 'utf8').replace("'out'", "'clean'"),
  )
  expect(staticfilesCommand(root, ['collect', '--mode', 'two']).code).toBe(0)
  const temporary = filesOf(`${root}/out`).filter(name => !existsSync(`${root}/clean/${name}`))
  expect(temporary.filter(name => !/tmp|\.\w{6,}$/.test(name))).toEqual([])
  expect(filesOf(`${root}/clean`).filter(name => !existsSync(`${root}/out/${name}`))).toEqual([])
})

test('`staticfiles prune` shows, then removes', async () => {
  const root = await project({
    'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], compress: false })] }
`,
    'static/a.txt': 'one',
  })
  staticfilesCommand(root, ['collect'])
  writeFileSync(`${root}/static/a.txt`, 'two')
  staticfilesCommand(root, ['collect'])
  const dry = staticfilesCommand(root, ['prune', '--keep', '1', '--dry-run'])
  expect(dry.stdout).toMatch(/^a\.[0-9a-f]{12}\.txt\n1 file would be removed \(0\.0 MB\); 1 release kept\n$/)
  expect(staticfilesCommand(root, ['prune', '--keep', '1']).stdout).toContain('1 file removed')
  expect(staticfilesCommand(root, ['prune', '--keep', '1']).stdout).toContain('0 files removed')
})

function stylesheets(folder: string): string[] {
  return readdirSync(folder).filter(name => /^a\.[0-9a-f]{12}\.css$/.test(name))
}

function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}

function many(folder: string): Tree {
  return Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      `${folder}/file${index}.txt`,
      `${folder} ${index}\n`.repeat(40),
    ]),
  )
}

/** A process that holds the lock until it is killed. */
function holder(folder: string): string {
  return `
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
const root = path.join(import.meta.dirname, '${folder}')
const hash = createHash('sha256').update(root).digest('hex').slice(0, 12)
const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
writeFileSync(path.join(tmpdir(), 'staticfiles-' + hash + '.lock'), JSON.stringify(holder), { flag: 'wx' })
console.log('held')
setInterval(() => {}, 1000)
`
}

function start(root: string, args: string[]): ChildProcess {
  const command = path.resolve(import.meta.dirname, '../dist/cli.mjs')
  return spawn(process.execPath, [command, ...args], { cwd: root, stdio: 'ignore' })
}

function finished(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise(resolve => child.once('exit', resolve))
}
