import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { collect } from '../../src/finders/collect.ts'
import { FileSystemFinder } from '../../src/finders/finders.ts'
import { createIgnore } from '../../src/finders/ignore.ts'
import { analyse } from '../../src/hash/analyse.ts'
import { Hasher } from '../../src/hash/hasher.ts'
import { ParseCache } from '../../src/references/parse-cache.ts'
import { hashedOutput } from '../../src/static-root/output-file.ts'
import { writeFiles } from '../../src/static-root/write.ts'
import { project, staticfilesCommand } from '../support/project.ts'
import { type Tree, tree } from '../support/tree.ts'

const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'

const CONFIG = `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { cacheDir: 'cache', publicDir: false, plugins: [staticfiles({ dirs: ['static'], staticRoot: 'out' })] }
`
const STYLE = `a { background: url(image.png) }\n${'b { color: red }\n'.repeat(50)}`
const SITE: Tree = { 'vite.config.js': CONFIG, 'static/site.css': STYLE, 'static/image.png': 'PNG' }

describe('a source', () => {
  test.each([
    ['changes', (file: string) => writeFileSync(file, 'i {}')],
    ['grows', (file: string) => writeFileSync(file, `${readFileSync(file)} `)],
    ['shrinks', (file: string) => truncateSync(file, 1)],
    [
      'keeps its size',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('red', 'RED')),
    ],
  ])('that %s after it was hashed fails the build, and nothing half written stays', async (_, change) => {
    const site = await stages({ 'src/plain.css': 'b { color: red }' })
    later(site.source('plain.css'), change)
    await expect(site.write()).rejects.toThrow(
      `staticfiles: ${site.source('plain.css')} changed while it was read`,
    )
    expect(readdirSync(site.out, { recursive: true })).toEqual([])
  })

  test('that changes after it was parsed fails the build too', async () => {
    const site = await stages(
      { 'src/a.css': 'a { background: url(b.png) }', 'src/b.png': '' },
      { hash: false },
    )
    later(site.source('a.css'), file => writeFileSync(file, 'a { background:   url(b.png) }'))
    await expect(site.hash()).rejects.toThrow(
      `staticfiles: ${site.source('a.css')} changed while it was read`,
    )
  })

  test('that vanishes after it was hashed is named', async () => {
    const site = await stages({ 'src/plain.css': 'b {}' })
    rmSync(site.source('plain.css'))
    await expect(site.write()).rejects.toThrow(/^staticfiles: cannot write .*ENOENT.*plain\.css/)
    expect(readdirSync(site.out, { recursive: true })).toEqual([])
  })

  test.runIf(isLinux)('that nobody may read is named, with what to do', async () => {
    const root = await project({ ...SITE, 'static/secret.txt': 'x' })
    chmodSync(path.join(root, 'static/secret.txt'), 0)
    const { code, stderr } = buildAsNobody(root)
    expect(stderr).toContain(`cannot read ${path.join(root, 'static/secret.txt')}: EACCES`)
    expect(stderr).toContain('leave it out with `ignore`')
    expect(code).toBe(1)
    expect(existsSync(path.join(root, 'out/staticfiles.json'))).toBe(false)
  })
})

describe('a static root', () => {
  test.runIf(isLinux)('that may not be written is named', async () => {
    const root = await project({ ...SITE, 'out/': '' })
    chmodSync(path.join(root, 'out'), 0o555)
    const { code, stderr } = buildAsNobody(root)
    expect(stderr).toMatch(/EACCES: permission denied/)
    expect(stderr).toContain(path.join(root, 'out'))
    expect(code).toBe(1)
  })

  test.skipIf(!canMount())(
    'on a full disk fails the build; the release of before stays whole (needs root)',
    async () => {
      const root = await project({ ...SITE, 'out/': '' })
      mountTmpfs(path.join(root, 'out'), '600k')
      expect(staticfilesCommand(root, ['collect']).stderr).toBe('')
      const before = readFileSync(path.join(root, 'out/staticfiles.json'), 'utf8')
      writeFileSync(path.join(root, 'static/site.css'), `${STYLE}c {}`)
      writeFileSync(path.join(root, 'static/large.bin'), Buffer.alloc(2 ** 20, 'x'))

      const { code, stderr } = staticfilesCommand(root, ['collect'])
      expect(stderr).toMatch(/cannot write .*large.*: ENOSPC/)
      expect(code).toBe(1)
      expect(readFileSync(path.join(root, 'out/staticfiles.json'), 'utf8')).toBe(before)
      for (const name of Object.values<string>(JSON.parse(before).paths)) {
        expect(existsSync(path.join(root, 'out', name)), name).toBe(true)
      }
      const left = readdirSync(path.join(root, 'out'), { recursive: true, encoding: 'utf8' })
      expect(left.filter(file => file.endsWith('.tmp') || file.startsWith('large'))).toEqual([])

      rmSync(path.join(root, 'static/large.bin'))
      expect(staticfilesCommand(root, ['collect']).code).toBe(0)
    },
  )

  test('loses the temporary files that a killed build left, and no others', async () => {
    const left = '.0f0e0d0c-0b0a-4900-8800-070605040302.tmp'
    const root = await project({ ...SITE, [`out/css/${left}`]: 'half', 'out/css/.mine.tmp': 'mine' })
    expect(staticfilesCommand(root, ['collect']).code).toBe(0)
    expect(readdirSync(path.join(root, 'out/css'))).toEqual(['.mine.tmp'])
  })
})

describe('names', () => {
  test('that become too long with the hash are told with the name', async () => {
    const long = `${'n'.repeat(250)}.css`
    const root = await project({ ...SITE, [`static/${long}`]: 'a {}' })
    const { code, stderr } = staticfilesCommand(root, ['collect'])
    expect(stderr).toMatch(/cannot write .*nnnn.*: ENAMETOOLONG/)
    expect(code).toBe(1)
    expect(existsSync(path.join(root, 'out/staticfiles.json'))).toBe(false)
  })

  test.runIf(isLinux)('that differ only in case are two files', async () => {
    const root = await project({ ...SITE, 'static/Site.css': 'i {}', 'static/IMAGE.png': 'other' })
    expect(staticfilesCommand(root, ['collect']).code).toBe(0)
    const { paths } = JSON.parse(readFileSync(path.join(root, 'out/staticfiles.json'), 'utf8'))
    expect(Object.keys(paths)).toEqual(['IMAGE.png', 'Site.css', 'image.png', 'site.css'])
    expect(readFileSync(path.join(root, 'out', paths['Site.css']), 'utf8')).toBe('i {}')
    expect(readFileSync(path.join(root, 'out', paths['site.css']), 'utf8')).toContain(paths['image.png'])
  })
})

test('10,000 files in one folder are all collected', async () => {
  const root = await project({ ...SITE, 'vite.config.js': CONFIG.replace('dirs:', 'compress: false, dirs:') })
  for (let file = 0; file < 10_000; file++) writeFileSync(path.join(root, `static/${file}.txt`), `${file}`)
  const { code, stdout } = staticfilesCommand(root, ['collect'])
  expect(stdout).toContain('10,002 static files collected')
  expect(code).toBe(0)
  expect(readdirSync(path.join(root, 'out')).filter(file => file.endsWith('.txt'))).toHaveLength(20_000)
})

test.runIf(isLinux)('a file of 5 GB is not held in memory', async () => {
  const root = await project({ ...SITE, 'static/video.mp4': '' })
  truncateSync(path.join(root, 'static/video.mp4'), 5 * 2 ** 30)
  const script = `
    await import(${JSON.stringify(path.resolve(import.meta.dirname, '../../dist/cli.mjs'))})
    process.on('exit', () => console.log('peak ' + process.resourceUsage().maxRSS))`
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, 'staticfiles', 'collect'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  expect(status).toBe(0)
  // In KiB. The file is sparse, and so is its copy.
  expect(Number(/peak (\d+)/.exec(stdout)?.[1])).toBeLessThan(400_000)
  expect(statSync(path.join(root, 'out/video.mp4')).size).toBe(5 * 2 ** 30)
})

/** The stages of a build, one by one. */
async function stages(files: Tree, { hash = true } = {}) {
  const root = await tree({ ...files, 'out/': '' })
  const finders = [new FileSystemFinder(['src'], root)]
  const collected = await collect(finders, { ignore: createIgnore([]), warn: () => {} })
  const analysis = await analyse(collected, {
    ...{ staticPath: '/static/', css: 'preserve', js: 'modules' },
    ...{ bundled: new Set<string>(), cache: new ParseCache() },
  })
  const hasher = new Hasher(analysis.files)
  if (hash) await hasher.run(new Map())
  const options = {
    staticRoot: path.join(root, 'out'),
    link: false,
    fileMode: 0o644,
    folderMode: undefined,
  } as const
  return {
    out: options.staticRoot,
    source: (name: string) => path.join(root, 'src', name),
    hash: () => hasher.run(new Map()),
    write: () => {
      const outputs = [...hasher.files.values()].flatMap(file => hashedOutput(file, true))
      return writeFiles(outputs, { ...options, existing: new Set<string>() })
    },
  }
}

/** Changes a file, a moment after it was read. */
function later(file: string, change: (file: string) => void): void {
  const { atimeMs, mtimeMs } = statSync(file)
  change(file)
  utimesSync(file, atimeMs / 1000, mtimeMs / 1000 + 5)
}

/** Permissions mean nothing to root. The script needs no configuration, which Vite would write a copy of. */
function buildAsNobody(root: string) {
  const script = `
    import { build } from 'vite'
    import { staticfiles } from 'vite-plugin-staticfiles'
    const root = ${JSON.stringify(root)}
    const plugins = [staticfiles({ dirs: ['static'], staticRoot: 'out', compress: { cache: false } })]
    await build({ root, configFile: false, logLevel: 'error', build: { emptyOutDir: false }, plugins })`
  const identity = ['--reuid=65534', '--regid=65534', '--clear-groups']
  const command = [
    'setpriv',
    ...(isRoot ? identity : []),
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ]
  chmodSync(root, 0o755)
  const { status, stderr } = spawnSync(command[0]!, command.slice(1), {
    cwd: path.resolve(import.meta.dirname, '../..'),
    encoding: 'utf8',
  })
  return { code: status, stderr }
}

function canMount(): boolean {
  return isLinux && isRoot && spawnSync('mount', ['--version']).status === 0
}

function mountTmpfs(folder: string, size: string): void {
  mkdirSync(folder, { recursive: true })
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  onTestFinished(() => void spawnSync('umount', [folder]))
}
