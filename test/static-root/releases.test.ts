import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { INDEX } from '../../src/static-root/index/index-file.ts'
import { LEDGER, type Release, readLedger, writeLedger } from '../../src/static-root/releases/ledger.ts'
import { prune } from '../../src/static-root/releases/prune.ts'
import { bundlers, vites } from '../support/bundlers.ts'
import { filesOf } from '../support/files-of.ts'
import { exitCode, project, startCommand, staticfilesCommand } from '../support/project.ts'
import { addTo, type Tree, tree } from '../support/tree.ts'

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
  const options = (out: string) => ({ staticRoot: out, manifest: `${out}/staticfiles.json` })
  /** Builds the same folder of files; what fails afterwards breaks off. */
  const build = (root: string, config: object = {}) =>
    bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out' }, { ...KEEP, ...config })

  /** A build that breaks off after it has begun to write. */
  async function breakOff(root: string): Promise<void> {
    const plugin = {
      name: 'fails',
      writeBundle() {
        throw new Error('no more')
      },
    }
    await expect(build(root, { plugins: [plugin] })).rejects.toThrow('no more')
  }

  test('notes nothing where nothing is written', async () => {
    const root = await tree({ 'static/a.txt': 'a' })
    await build(root, { build: { ...KEEP.build, write: false } })
    expect(existsSync(`${root}/out`)).toBe(false)
    const out = await build(root)
    await addTo(root, { 'static/a.txt': 'b' })
    await build(root, { build: { ...KEEP.build, write: false } })
    expect(readLedger(out)).toHaveLength(1)
  })

  test('keeps a complete release whose build runs again and breaks off', async () => {
    const root = await tree({ 'static/a.txt': 'one' })
    const out = await build(root)
    await addTo(root, { 'static/a.txt': 'two' })
    await build(root)
    const before = filesOf(out)
    await addTo(root, { 'static/a.txt': 'one' })
    await breakOff(root)
    await breakOff(root)
    await prune({ ...options(out), keep: 2 })
    expect(filesOf(out)).toEqual(before)
    await build(root)
    expect(readLedger(out).map(release => Boolean(release.completedAt))).toEqual([true, true])
    await prune({ ...options(out), keep: 2 })
    expect(filesOf(out)).toEqual(before)
  })

  test('counts a release whose build ended right after its manifest', async () => {
    const root = await tree({ 'static/a.txt': 'one' })
    const out = await build(root)
    const [{ completedAt: _, ...release }] = readLedger(out) as [Release]
    await writeLedger(out, [release])
    await addTo(root, { 'static/a.txt': 'two' })
    await build(root)
    expect(readLedger(out).map(each => Boolean(each.completedAt))).toEqual([true, true])
    const before = filesOf(out)
    await prune({ ...options(out), keep: 2 })
    expect(filesOf(out)).toEqual(before)
  })

  test('knows the files of a build that runs again and writes fewer', async () => {
    const root = await tree({ 'static/a.txt': 'one' })
    const out = await build(root)
    await bundlers['Vite 8']!(root, { ...OPTIONS, staticRoot: 'out', keepUnhashed: false }, KEEP)
    rmSync(`${root}/static/a.txt`)
    await build(root)
    expect((await prune({ ...options(out), keep: 1 })).removed).toContain('a.txt')
  })

  test('that names the manifest or itself does not remove them', async () => {
    const root = await tree({ 'static/a.txt': 'a' })
    const out = await build(root)
    const [release] = readLedger(out)
    const old = { ...release!, manifestHash: 'old', files: ['staticfiles.json', LEDGER] }
    await writeLedger(out, [old, release!])
    expect((await prune({ ...options(out), keep: 1 })).removed).toEqual([])
    expect(filesOf(out)).toEqual(expect.arrayContaining(old.files))
  })

  test('does not lead to empty folders behind symbolic links', async () => {
    const root = await tree({ 'static/a.txt': 'a', 'outside/empty/': '' })
    const out = await build(root)
    symlinkSync(`${root}/outside`, `${out}/linked`)
    const [release] = readLedger(out)
    await writeLedger(out, [{ ...release!, manifestHash: 'old', files: ['linked/empty/x.txt'] }, release!])
    await prune({ ...options(out), keep: 1 })
    expect(existsSync(`${root}/outside/empty`)).toBe(true)
  })

  test('and files that were killed while they were written leave nothing behind', async () => {
    const root = await tree({ 'static/a.txt': 'a', 'static/b/c.txt': 'c' })
    const out = await build(root)
    const left = [`.${randomUUID()}.tmp`, `b/.${randomUUID()}.tmp`]
    await addTo(out, Object.fromEntries([...left, '.mine.tmp', 'b/x.tmp'].map(name => [name, 'cut'])))
    expect((await prune(options(out))).removed).toEqual(left.toSorted())
    expect(filesOf(out)).toEqual(expect.arrayContaining(['.mine.tmp', 'b/x.tmp']))
  })

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
        'it is not a ledger',
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

/** `STATICFILES_KILLS=60 npx vitest run test/static-root/releases.test.ts` is a longer run. */
const KILLS = Number(process.env.STATICFILES_KILLS ?? 8)

test(`builds that are killed at ${KILLS} moments leave a consistent release, and prune removes what they left`, {
  timeout: 60_000 + KILLS * 10_000,
}, async () => {
  const config = (staticRoot: string) => `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], staticRoot: '${staticRoot}' })] }
`
  const root = await project({ 'vite.config.js': config('out'), ...many('static', 'round 0') })
  const out = `${root}/out`
  const began = performance.now()
  expect(staticfilesCommand(root, ['collect']).code).toBe(0)
  const duration = performance.now() - began
  let finished = 0
  for (let round = 1; round <= KILLS; round++) {
    await addTo(root, many('static', `round ${round}`))
    const child = startCommand(root, ['collect'])
    await sleep(duration * (0.4 + (0.6 * round) / KILLS))
    child.kill('SIGKILL')
    await exitCode(child)
    const contents = manifestContents(out)
    // All of one round, and all of it.
    expect(contents).toHaveLength(200)
    expect(new Set(contents.map(text => text.split('\n')[0])).size).toBe(1)
    if (contents[0]!.startsWith(`round ${round}\n`)) finished++
  }
  if (process.env.STATICFILES_KILLS) console.log(`${KILLS} killed, ${finished} of them after their manifest`)
  expect(staticfilesCommand(root, ['collect']).code).toBe(0)
  expect(staticfilesCommand(root, ['prune', '--keep', '1']).code).toBe(0)
  writeFileSync(`${root}/vite.config.js`, config('clean'))
  expect(staticfilesCommand(root, ['collect']).code).toBe(0)
  expect(filesOf(out)).toEqual(filesOf(`${root}/clean`))
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

function many(folder: string, text: string): Tree {
  const names = Array.from({ length: 200 }, (_, index) => `${folder}/file${index}.txt`)
  return Object.fromEntries(names.map((name, index) => [name, `${text}\n${index}\n`.repeat(40)]))
}

/** The files that the manifest names; each is checked against the hash in its name. */
function manifestContents(staticRoot: string): string[] {
  const names: string[] = Object.values(readManifest(staticRoot).paths)
  return names.map(name => {
    const text = readFileSync(`${staticRoot}/${name}`, 'utf8')
    expect(name).toContain(createHash('md5').update(text).digest('hex').slice(0, 12))
    return text
  })
}

function readManifest(staticRoot: string) {
  return JSON.parse(readFileSync(`${staticRoot}/staticfiles.json`, 'utf8'))
}
