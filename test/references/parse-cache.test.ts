import { createHash } from 'node:crypto'
import { existsSync, linkSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createLogger, type InlineConfig } from 'vite'
import { Manifest, type Options } from 'vite-plugin-staticfiles'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseFile } from '../../src/references/parse.ts'
import { ParseCache } from '../../src/references/parse-cache.ts'
import { INDEX } from '../../src/static-root/index/index-file.ts'
import { vites } from '../support/bundlers.ts'
import { filesOf } from '../support/files-of.ts'
import { tree } from '../support/tree.ts'

afterEach(() => void vi.useRealTimers())

/** Files that were made before are now old enough to be remembered. */
function later(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
}

/** A stylesheet, and what a cache remembers of it. */
async function remembered(content = 'a{b:url(c.png)}') {
  const root = await tree({ 'a.css': content })
  const source = path.join(root, 'a.css')
  const file = path.join(root, 'cache/parsed.json')
  later()
  const parsed = parseFile({ source, name: 'a.css' }, { modules: true })
  const cache = new ParseCache({ file })
  cache.get(source, 'css')
  cache.set(source, 'css', parsed)
  cache.save()
  return { root, source, file, parsed, known: () => new ParseCache({ file }).get(source, 'css') }
}

describe('a parsed file', () => {
  it('is known to the next process, with all that was found in it', async () => {
    const { source, file, parsed, known } = await remembered('a{b:url("ö \\" c.png")}')
    expect(parsed.references).toHaveLength(1)
    expect(known()).toEqual(parsed)
    expect(new ParseCache({ file }).get(source, 'js')).toBeUndefined()
  })

  it('is read again where it has changed, though size and time are as before', async () => {
    const { source, known } = await remembered()
    const { atime, mtime } = statSync(source)
    await wait(20)
    writeFileSync(source, 'a{b:url(d.png)}')
    utimesSync(source, atime, mtime)
    expect(statSync(source).mtime).toEqual(mtime)
    expect(known()).toBeUndefined()
  })

  it('is read again where another file took its place, with the same size and time', async () => {
    const { root, source, known } = await remembered()
    const other = path.join(root, 'other.css')
    writeFileSync(other, 'a{b:url(d.png)}')
    const { atime, mtime } = statSync(source)
    utimesSync(other, atime, mtime)
    renameSync(other, source)
    expect(known()).toBeUndefined()
  })

  it('is read again where it is gone, or a link to it was made', async () => {
    const { root, source, known } = await remembered()
    await wait(20)
    linkSync(source, path.join(root, 'link.css'))
    expect(known()).toBeUndefined()
    renameSync(source, path.join(root, 'moved.css'))
    expect(known()).toBeUndefined()
  })

  it('is not remembered where it is so young that it may change again within the same tick', async () => {
    const root = await tree({ 'a.css': 'a{}' })
    const [source, file] = [path.join(root, 'a.css'), path.join(root, 'parsed.json')]
    const cache = new ParseCache({ file })
    cache.set(source, 'css', parseFile({ source, name: 'a.css' }, { modules: true }))
    cache.save()
    expect(new ParseCache({ file }).get(source, 'css')).toBeUndefined()
  })

  it('is forgotten when a build no longer has it', async () => {
    const { source, file, known } = await remembered()
    const cache = new ParseCache({ file })
    cache.get('/none', 'css')
    cache.save()
    expect(known()).toBeUndefined()
    expect(new ParseCache({ file }).get(source, 'css')).toBeUndefined()
  })
})

describe("the cache's file", () => {
  it.each([
    ['cut off', (text: string) => text.slice(0, -10)],
    ['changed in one digit', (text: string) => text.replace(/"([0-9a-f]{31})[0-9a-f]"/u, '"$1x"')],
    ['empty', () => ''],
    ['of another version', (text: string) => withChecksum(text.replace(/^\S+ /u, '0.0.0 '))],
    ['no JSON', (text: string) => withChecksum(text.replace('[', '{'))],
  ])('counts as none where it is %s', async (_, spoil) => {
    const { file, known } = await remembered()
    const text = readFileSync(file, 'utf8')
    expect(spoil(text)).not.toBe(text)
    writeFileSync(file, spoil(text))
    expect(known()).toBeUndefined()
  })

  it('may lie where nothing can be written', async () => {
    const { source, parsed } = await remembered()
    const cache = new ParseCache({ file: path.join(source, 'parsed.json') })
    cache.set(source, 'css', parsed)
    expect(() => cache.save()).not.toThrow()
  })
})

describe('a second build', () => {
  const FILES = {
    'package.json': '{}',
    'static/a.css': 'a { background: url(c.png) }',
    'static/c.png': 'png',
    'static/app.js': 'import "./other.js"\n//# sourceMappingURL=app.js.map\n',
    'static/app.js.map': '{"version":3,"file":"app.js","mappings":""}',
    'static/other.js': 'export {}\n',
  }

  const HACK = 'a { *zoom: 1; background: url(c.png) }'

  async function built(options: Options = {}, files: Partial<typeof FILES> = {}) {
    const root = await tree({ ...FILES, ...files })
    later()
    const folder = path.join(root, 'node_modules/.vite/staticfiles')
    const build = (others: Options = {}, config: InlineConfig = {}) =>
      vites['Vite 8']!(root, { dirs: ['static'], compress: false, ...options, ...others }, config)
    const out = await build()
    const written = () => filesOf(out).map(name => [name, readFileSync(path.join(out, name), 'utf8')])
    const caches = (name = 'parsed') => filesOf(folder).filter(file => file.startsWith(name))
    const poison = (name: string, change: (text: string) => string) => {
      const [file] = caches(name).map(found => path.join(folder, found))
      const text = readFileSync(file!, 'utf8')
      expect(change(text)).not.toBe(text)
      writeFileSync(file!, withChecksum(change(text)))
    }
    const paths = () => Manifest.load(path.join(out, 'staticfiles.json')).paths
    return { root, out, build, written, caches, poison, paths }
  }

  it('makes the same of what the first has read', async () => {
    const { build, written, caches } = await built()
    const first = written()
    await build()
    expect(caches()).toHaveLength(1)
    expect(first.map(([name]) => name)).toContain('a.css')
    expect(written()).toEqual(first)
  })

  it('takes what is remembered, and reads nothing', async () => {
    const { build, poison, paths } = await built()
    const [, hash] = /c\.([0-9a-f]{12})\.png/u.exec(paths().get('c.png')!)!
    poison('parsed', text => text.replace(`"${hash}`, '"000000000000'))
    await build()
    expect(paths().get('c.png')).toBe('c.000000000000.png')
  })

  it.each(['lightningcss', 'preserve'] as const)('renders no file again to hash it, css: %s', async css => {
    const { build, poison, paths } = await built({ css })
    const [, hash] = /a\.([0-9a-f]{12})\.css/u.exec(paths().get('a.css')!)!
    poison('rewritten', text => text.replace(`"${hash}`, '"000000000000'))
    await build()
    expect(paths().get('a.css')).toBe('a.000000000000.css')
  })

  it('renders no files again that name each other', async () => {
    const { out, build, poison, paths } = await built({ js: 'modules' })
    poison('rewritten', text => text.replaceAll(/"size":\d+/g, '"size":1234567'))
    await build()
    const rows: [hash: string, size: number, names: string[]][] = JSON.parse(
      readFileSync(path.join(out, INDEX), 'utf8'),
    ).files
    const sizes = new Map(rows.flatMap(([, size, names]) => names.map(name => [name, size])))
    for (const name of ['app.js', 'app.js.map']) expect(sizes.get(paths().get(name)!)).toBe(1234567)
  })

  it('says again which stylesheets it could not minify, and minifies them no more', async () => {
    const said: string[] = []
    const customLogger = { ...createLogger('silent'), info: (line: string) => void said.push(line) }
    const { build, poison } = await built({ css: 'lightningcss' }, { 'static/a.css': HACK })
    poison('rewritten', text => text.replace(/"problem":"/, '"problem":"remembered '))
    await build({}, { logLevel: 'info', customLogger })
    expect(said.join('\n')).toMatch(/remembered .*a\.css:1/)
  })

  it('rewrites anew what names a changed file', async () => {
    const { root, out, build, written } = await built()
    writeFileSync(path.join(root, 'static/c.png'), 'another png')
    await rm(out, { recursive: true })
    await build()
    const second = written()
    await rm(path.join(root, 'node_modules'), { recursive: true })
    await rm(out, { recursive: true })
    await build()
    expect(second).toEqual(written())
  })

  it('remembers what another build of the project leaves as it is', async () => {
    const { build, caches } = await built({ css: 'lightningcss' })
    await build({ css: 'preserve' })
    expect(caches('rewritten')).toHaveLength(2)
  })

  it('finds nothing remembered by a dry run', async () => {
    const { out } = await built({ dryRun: true })
    expect(existsSync(path.join(path.dirname(out), 'node_modules'))).toBe(false)
  })
})

function withChecksum(text: string): string {
  const rest = text.slice(0, -32)
  return rest + createHash('md5').update(rest).digest('hex')
}
