import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encoding } from '../../src/base/encodings.ts'
import { StaticFilesError } from '../../src/base/errors.ts'
import { type Compression, resolveCompress, SKIP_EXTENSIONS } from '../../src/options/compression.ts'
import { compressBytes as compressAt, siblingsOf } from '../../src/static-root/siblings/compress.ts'
import { isCompressible } from '../../src/static-root/siblings/compressible.ts'
import {
  type CompressedFile,
  type SiblingReport,
  type WriteSiblingsOptions,
  writeSiblings,
} from '../../src/static-root/siblings/write-siblings.ts'

interface Recorded {
  skip: string[]
  compressible: Record<string, boolean>
  customSkip: string[]
  customCompressible: Record<string, boolean>
  files: Record<string, { size: number; written: string[]; sizes: { '.br': number; '.gz': number } }>
}

const fixtures = path.join(import.meta.dirname, '../fixtures/compress')
const whitenoise: Recorded = JSON.parse(await readFile(path.join(fixtures, 'whitenoise.json'), 'utf8'))
const recorded = Object.entries(whitenoise.files)
const defaults = resolveCompress(undefined)

const zstdIsHere = 'zstdCompress' in zlib
const zstdZlib = zlib as unknown as { zstdDecompressSync(bytes: Buffer): Buffer }

const decode: Record<string, (bytes: Buffer) => Buffer> = {
  '.br': bytes => zlib.brotliDecompressSync(bytes),
  '.gz': bytes => zlib.gunzipSync(bytes),
  '.zst': bytes => zstdZlib.zstdDecompressSync(bytes),
}

/** Compresses at the default level. */
function compressBytes(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  return compressAt(bytes, encoding, defaults.levels[encoding])
}

function fixture(name: string): Promise<Buffer> {
  return readFile(fixturePath(name))
}

/** The real files are those of a package that is installed anyway. */
function fixturePath(name: string): string {
  const folder = name.startsWith('jquery-ui/')
    ? path.join(import.meta.dirname, '../../node_modules')
    : path.join(fixtures, 'files')
  return path.join(folder, name)
}

async function suffixesOf(bytes: Buffer, compression: Compression): Promise<string[]> {
  return (await siblingsOf(bytes, compression)).map(sibling => sibling.suffix).sort()
}

describe('what WhiteNoise recorded', () => {
  it('has the same list of extensions that are skipped', () => {
    expect(SKIP_EXTENSIONS).toEqual(whitenoise.skip)
  })

  it.each(Object.entries(whitenoise.compressible))(
    '%s: compressed or skipped alike (%s)',
    (name, expected) => {
      expect(isCompressible(name, defaults)).toBe(expected)
    },
  )

  it.each(Object.entries(whitenoise.customCompressible).filter(([name]) => !/\.(gz|br)$/.test(name)))(
    '%s: compressed or skipped alike with a list of its own (%s)',
    (name, expected) => {
      expect(isCompressible(name, resolveCompress({ skip: whitenoise.customSkip }))).toBe(expected)
    },
  )

  it.each(recorded)('%s gets the siblings that WhiteNoise writes', async (name, { size, written }) => {
    const bytes = await fixture(name)
    expect(bytes.length).toBe(size)
    expect(await suffixesOf(bytes, defaults)).toEqual(written)
  })

  it.each(recorded)('%s decodes to its content from every encoding', async name => {
    const bytes = await fixture(name)
    expect(decode['.br']!(await compressBytes(bytes, 'br'))).toEqual(bytes)
    expect(decode['.gz']!(await compressBytes(bytes, 'gzip'))).toEqual(bytes)
  })

  it.each([
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const)('is not smaller in total than ours in %s', async (encoding, suffix) => {
    let ours = 0
    let theirs = 0
    for (const [name, { sizes }] of recorded) {
      ours += (await compressBytes(await fixture(name), encoding)).length
      theirs += sizes[suffix]
    }
    expect(ours).toBeLessThanOrEqual(theirs)
  })

  it('covers each decision: both, brotli alone, none although gzip alone would be worth it', () => {
    const decisions = new Set(recorded.map(([, { written }]) => written.join()))
    expect(decisions).toEqual(new Set(['.br,.gz', '.br', '']))
    const { size, sizes } = whitenoise.files['gzip-alone-below-95-percent.bin']!
    expect(sizes['.gz'] / size).toBeLessThan(0.95)
    expect(sizes['.br'] / size).toBeGreaterThan(0.95)
    expect(whitenoise.files['brotli-95-percent.bin']).toMatchObject({ size: 4000, sizes: { '.br': 3800 } })
  })
})

describe('resolveCompress', () => {
  it('has WhiteNoise’s defaults', () => {
    expect(defaults).toMatchObject({
      ...{ encodings: ['br', 'gzip'], skip: new Set(SKIP_EXTENSIONS), maxRatio: 0.95 },
      levels: { br: 11, gzip: 9, zstd: 19 },
    })
    expect(resolveCompress({})).toEqual(defaults)
    expect(resolveCompress({ gzip: undefined, skip: undefined, maxRatio: undefined })).toEqual(defaults)
  })

  it('has no encodings where compress is false', () => {
    expect(resolveCompress(false)).toEqual({ ...defaults, encodings: [] })
    expect(isCompressible('a.css', resolveCompress(false))).toBe(false)
  })

  it('turns each encoding off by itself', () => {
    expect(resolveCompress({ gzip: false }).encodings).toEqual(['br'])
    expect(resolveCompress({ brotli: false }).encodings).toEqual(['gzip'])
  })

  it('takes a level in place of true, and levels of an effort for the rest', () => {
    const { encodings, levels } = resolveCompress({ effort: 'fast', brotli: 6 })
    expect(encodings).toEqual(['br', 'gzip'])
    expect(levels).toMatchObject({ br: 6, gzip: 6 })
  })

  it('takes extensions in any case, with or without the dot', () => {
    const compression = resolveCompress({ skip: ['.PNG', 'jpg'] })
    expect(['a.png', 'a.JPG', 'a.css'].map(name => isCompressible(name, compression))).toEqual([
      false,
      false,
      true,
    ])
  })

  it('never compresses a sibling, whatever is skipped', () => {
    const compression = resolveCompress({ skip: [] })
    expect(['a.js.gz', 'a.js.BR', 'a.js.zst'].map(name => isCompressible(name, compression))).toEqual([
      false,
      false,
      false,
    ])
    expect(isCompressible('a.png', compression)).toBe(true)
  })
})

describe('siblingsOf', () => {
  it('gives an empty file none, however large a sibling may be', async () => {
    expect(await siblingsOf(Buffer.alloc(0), resolveCompress({ maxRatio: 1 }))).toEqual([])
  })

  it('keeps a sibling of exactly maxRatio, and none of a byte more', async () => {
    const bytes = await fixture('jquery-ui/ui/widget.js')
    const { length } = await compressBytes(bytes, 'gzip')
    const gzipOf = (maxRatio: number) => suffixesOf(bytes, resolveCompress({ brotli: false, maxRatio }))
    expect(await gzipOf(length / bytes.length)).toEqual(['.gz'])
    expect(await gzipOf((length - 1) / bytes.length)).toEqual([])
  })

  it('judges gzip by itself where brotli is off', async () => {
    const bytes = await fixture('gzip-alone-below-95-percent.bin')
    expect(await suffixesOf(bytes, defaults)).toEqual([])
    expect(await suffixesOf(bytes, resolveCompress({ brotli: false }))).toEqual(['.gz'])
  })
})

describe('compressBytes', () => {
  it.each([
    ['br', 4],
    ['gzip', 6],
  ] as const)('is larger in %s at level %d than at its best', async (encoding, level) => {
    const bytes = await fixture('jquery-ui/themes/base/theme.css')
    const [fast, small] = await Promise.all([
      compressAt(bytes, encoding, level),
      compressBytes(bytes, encoding),
    ])
    expect(fast.length).toBeGreaterThan(small.length)
  })

  it.each<Encoding>(['br', 'gzip'])(
    'gives the same bytes twice, and in another process, in %s',
    async encoding => {
      const bytes = await fixture('jquery-ui/themes/base/theme.css')
      const first = await compressBytes(bytes, encoding)
      expect(await compressBytes(bytes, encoding)).toEqual(first)
      expect(hashInAnotherProcess('jquery-ui/themes/base/theme.css', encoding)).toBe(md5(first))
    },
    60_000,
  )

  it('takes more files than a function can have arguments', async () => {
    const files = Array.from({ length: 200_000 }, (_, index) => {
      const target = `/static/${index}.png`
      return { contentHash: String(index), size: 1, targets: [target] }
    })
    expect(await writeSiblings(files, defaults, { existing: new Set() })).toMatchObject({ count: 0 })
  })

  it('writes a gzip header without time, name or operating system', async () => {
    const gzip = await compressBytes(await fixture('jquery-ui/ui/widget.js'), 'gzip')
    expect([...gzip.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
  })

  it.skipIf(!zstdIsHere).each(recorded)('%s decodes from zstd (needs Node 22.15 or later)', async name => {
    const bytes = await fixture(name)
    expect(decode['.zst']!(await compressBytes(bytes, 'zstd'))).toEqual(bytes)
  })

  it.skipIf(!zstdIsHere)('needs no window above 8 MiB in zstd (needs Node 22.15 or later)', async () => {
    const zstd = await compressBytes(Buffer.alloc(9 * 1024 * 1024, 'static files '), 'zstd')
    expect(windowOf(zstd)).toBeLessThanOrEqual(8 * 1024 * 1024)
  })

  it.skipIf(!zstdIsHere)('writes .zst siblings (needs Node 22.15 or later)', async () => {
    const suffixes = await suffixesOf(
      await fixture('jquery-ui/themes/base/theme.css'),
      resolveCompress({ zstd: true }),
    )
    expect(suffixes).toEqual(['.br', '.gz', '.zst'])
  })
})

/** RFC 8878, 3.1.1.1.2: the window descriptor follows the frame header's descriptor, unless the frame is one segment. */
function windowOf(zstd: Buffer): number {
  expect(zstd[4]! & 0b10_0000).toBe(0)
  const base = 2 ** (10 + (zstd[5]! >> 3))
  return base + (base / 8) * (zstd[5]! & 7)
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** The module is bundled for it, because Node 20 runs no TypeScript. */
function hashInAnotherProcess(name: string, encoding: Encoding): string {
  const script = `
    import { build } from 'vite'
    import { createHash } from 'node:crypto'
    import { readFile } from 'node:fs/promises'
    const [module, file, encoding, level] = process.argv.slice(1)
    const { output } = await build({
      configFile: false, logLevel: 'error',
      build: { ssr: module, write: false, rollupOptions: { output: { format: 'es' } } },
    })
    const { compressBytes } = await import('data:text/javascript,' + encodeURIComponent(output[0].code))
    const bytes = await compressBytes(await readFile(file), encoding, Number(level))
    console.log(createHash('md5').update(bytes).digest('hex'))`
  const source = path.join(import.meta.dirname, '../../src/static-root/siblings/compress.ts')
  const file = fixturePath(name)
  const options = { cwd: path.join(import.meta.dirname, '../..'), encoding: 'utf8' } as const
  return execFileSync(
    process.execPath,
    ['--input-type=module', '-e', script, source, file, encoding, String(defaults.levels[encoding])],
    options,
  ).trim()
}

describe('writeSiblings', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'staticfiles-compress-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const inFolder = (name: string) => path.join(folder, name)
  const names = async () => (await readdir(folder, { recursive: true })).sort()

  async function collected(content: string | Buffer, ...targets: string[]): Promise<CompressedFile> {
    for (const target of targets) {
      await mkdir(path.dirname(inFolder(target)), { recursive: true })
      await writeFile(inFolder(target), content)
    }
    return { contentHash: md5(Buffer.from(content)), targets: targets.map(inFolder) }
  }

  function write(files: CompressedFile[], options?: WriteSiblingsOptions): Promise<SiblingReport> {
    return writeSiblings(files, defaults, options)
  }

  const text = 'body { color: red }\n'.repeat(50)

  it('writes siblings that decode to the file beside it', async () => {
    await write([await collected(text, 'css/a.css')])
    expect(await names()).toEqual(['css', 'css/a.css', 'css/a.css.br', 'css/a.css.gz'])
    for (const suffix of ['.br', '.gz'])
      expect(decode[suffix]!(await readFile(inFolder(`css/a.css${suffix}`))).toString()).toBe(text)
  })

  it('hashes what has no hash yet', async () => {
    const file = await collected(text, 'a.css')
    await write([{ ...file, contentHash: undefined }])
    expect(await names()).toEqual(['a.css', 'a.css.br', 'a.css.gz'])
  })

  it('gives a sibling the modification time of its file, which nginx and WhiteNoise send', async () => {
    const file = await collected(text, 'a.css', 'a.0123456789ab.css')
    const modified = new Date('2020-02-02T02:02:02Z')
    await utimes(inFolder('a.css'), modified, modified)
    await write([file])
    expect((await stat(inFolder('a.css.gz'))).mtime).toEqual(modified)
  })

  it('compresses a content once, and makes its siblings one inode', async () => {
    const once = await collected(text, 'a.css', 'a.0123456789ab.css')
    const again = await collected(text, 'copy/b.css')
    let compressed = 0
    const report = await write([once, again], {
      siblingsFor: async (_, read) => {
        compressed++
        return siblingsOf(await read(), defaults)
      },
    })
    expect(compressed).toBe(1)
    expect(report.count).toBe(6)
    for (const suffix of ['.br', '.gz']) {
      const siblings = ['a.css', 'a.0123456789ab.css', 'copy/b.css'].map(name =>
        stat(inFolder(name + suffix)),
      )
      expect(new Set((await Promise.all(siblings)).map(({ ino }) => ino)).size).toBe(1)
    }
  })

  it('writes through no hard link of an earlier run', async () => {
    await write([await collected(text, 'a.css', 'b.css')])
    const other = text.replaceAll('red', 'blue')
    await write([await collected(other, 'a.css')])
    expect(decode['.gz']!(await readFile(inFolder('a.css.gz'))).toString()).toBe(other)
    expect(decode['.gz']!(await readFile(inFolder('b.css.gz'))).toString()).toBe(text)
  })

  it('leaves the same files when it runs again', async () => {
    const files = [await collected(text, 'a.css', 'b.css')]
    await write(files)
    const before = await readFile(inFolder('b.css.gz'))
    expect(await write(files)).toMatchObject({ count: 4, removed: 0 })
    expect(await names()).toEqual(['a.css', 'a.css.br', 'a.css.gz', 'b.css', 'b.css.br', 'b.css.gz'])
    expect(await readFile(inFolder('b.css.gz'))).toEqual(before)
  })

  it('ends well when the same files are written several times at once', async () => {
    const files = [await collected(text, 'a.css', 'b.css', 'c.css')]
    await Promise.all([write(files), write(files), write(files), write(files)])
    expect(await names()).toHaveLength(9)
    for (const name of ['a.css.gz', 'b.css.gz', 'c.css.gz'])
      expect(decode['.gz']!(await readFile(inFolder(name))).toString()).toBe(text)
  })

  it('leaves no temporary file when a target’s own name links to the first one', async () => {
    const file = await collected(text, 'a.css')
    await symlink(folder, inFolder('same'))
    await write([{ ...file, targets: [inFolder('a.css'), inFolder('same/a.css')] }])
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['a.css', 'a.css.br', 'a.css.gz', 'same']))
    expect(await readdir(folder)).toHaveLength(4)
  })

  it('writes no sibling for skipped types, empty files and those that hardly shrink', async () => {
    const noise = await fixture('noise.bin')
    const files = [
      await collected(text, 'a.png'),
      await collected('', 'a.css'),
      await collected(noise, 'a.bin'),
    ]
    expect(await write(files)).toEqual({
      ...{ count: 0, removed: 0, originalBytes: 5000, savedBytes: 0 },
      sizes: new Map(),
    })
    expect(await names()).toEqual(['a.bin', 'a.css', 'a.png'])
  })

  it('judges each target of a content by its own name', async () => {
    await write([await collected(text, 'a.png', 'a.css')])
    expect(await names()).toEqual(['a.css', 'a.css.br', 'a.css.gz', 'a.png'])
  })

  it('removes stale siblings: of an encoding that is off, of a file that hardly shrinks, of a skipped type', async () => {
    const files = [
      await collected(text, 'a.css'),
      await collected('a', 'b.css'),
      await collected('b', 'c.png'),
    ]
    for (const stale of ['a.css.zst', 'a.css.br', 'b.css.gz', 'c.png.br'])
      await writeFile(inFolder(stale), 'old')
    const report = await writeSiblings(files, resolveCompress({ brotli: false }))
    expect(report).toMatchObject({ count: 1, removed: 4 })
    expect(await names()).toEqual(['a.css', 'a.css.gz', 'b.css', 'c.png'])
  })

  it('removes every stale sibling where compress is false', async () => {
    const files = [await collected(text, 'a.css')]
    await write(files)
    expect(await writeSiblings(files, resolveCompress(false))).toMatchObject({ count: 0, removed: 2 })
    expect(await names()).toEqual(['a.css'])
  })

  it('leaves a folder alone that is named like a stale sibling', async () => {
    await mkdir(inFolder('a.css.zst'))
    await write([await collected(text, 'a.css')])
    expect(await names()).toContain('a.css.zst')
  })

  it.each([
    ['named in keep', (own: CompressedFile) => ({ files: [], keep: new Set(own.targets) })],
    ['among the files', (own: CompressedFile) => ({ files: [own], keep: new Set<string>() })],
  ])('neither overwrites nor removes a sibling that was collected itself, %s', async (_, given) => {
    const script = await collected(text, 'a.js', 'a.0123456789ab.js')
    const tiny = await collected('a', 'b.js')
    for (const name of ['a.js.gz', 'b.js.gz']) {
      const own = await collected(`shipped ${name}`, name)
      const { files, keep } = given(own)
      await write([script, ...(name === 'b.js.gz' ? [tiny] : []), ...files], { keep })
      expect(await readFile(inFolder(name), 'utf8')).toBe(`shipped ${name}`)
    }
    expect(await names()).toContain('a.0123456789ab.js.gz')
    expect(await names()).toContain('a.js.br')
  })

  it('reports each distinct content once, with what its smallest sibling saves', async () => {
    const files = [await collected(text, 'a.css', 'b.css'), await collected('tiny', 'c.css')]
    const smallest = await compressBytes(Buffer.from(text), 'br')
    const progress: [number, number][] = []
    const report = await write(files, { onProgress: (done, total) => progress.push([done, total]) })
    expect(report).toEqual({
      count: 4,
      removed: 0,
      originalBytes: text.length + 4,
      savedBytes: text.length - smallest.length,
      sizes: new Map(
        [inFolder('a.css'), inFolder('b.css')].map(file => [
          file,
          { br: statSync(`${file}.br`).size, gzip: statSync(`${file}.gz`).size },
        ]),
      ),
    })
    expect(progress.at(-1)).toEqual([text.length + 4, text.length + 4])
    expect(progress).toHaveLength(2)
  })

  it('takes siblings from a cache without reading the file', async () => {
    const file = await collected(text, 'a.css')
    const cached = [{ suffix: '.gz' as const, bytes: Buffer.from('from the cache') }]
    await write([file], { siblingsFor: async () => cached })
    expect(await readFile(inFolder('a.css.gz'), 'utf8')).toBe('from the cache')
    expect(await names()).toEqual(['a.css', 'a.css.gz'])
  })

  it('starts with the largest content, and has at most one huge one under way', async () => {
    const sizes = [10, 17 * 2 ** 20, 500, 18 * 2 ** 20, 90]
    const files: CompressedFile[] = []
    for (const size of sizes) files.push(await collected(Buffer.alloc(size, String(size)), `${size}.txt`))
    const started: number[] = []
    let hugeAtOnce = 0
    let most = 0
    await write(files, {
      siblingsFor: async (_, read) => {
        const { length } = await read()
        started.push(length)
        if (length > 2 ** 24) most = Math.max(most, ++hugeAtOnce)
        await new Promise(resolve => setTimeout(resolve, 20))
        if (length > 2 ** 24) hugeAtOnce--
        return []
      },
    })
    expect(most).toBe(1)
    expect(started.filter(size => size > 2 ** 24)).toEqual([18 * 2 ** 20, 17 * 2 ** 20])
    expect(new Set(started)).toEqual(new Set(sizes))
  })

  it('names the file that failed, ends the work and leaves no temporary file', async () => {
    const files = await Promise.all(
      Array.from({ length: 40 }, (_, index) => collected(`${text}${index}`, `${index}.css`)),
    )
    await mkdir(inFolder('7.css.gz/not-empty'), { recursive: true })
    await expect(write(files)).rejects.toThrow(StaticFilesError)
    const after = await names()
    expect(after.filter(name => name.endsWith('.tmp'))).toEqual([])
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(await names()).toEqual(after)
    await expect(write(files)).rejects.toThrow(
      /^staticfiles: cannot write the compressed siblings of .*7\.css: /,
    )
  })

  it('starts no further content after a failure', async () => {
    const files = await Promise.all(
      Array.from({ length: 500 }, (_, index) => collected(`${text}${index}`, `${index}.css`)),
    )
    let started = 0
    const siblingsFor = () => Promise.reject(new Error(`failure ${++started}`))
    await expect(write(files, { siblingsFor })).rejects.toThrow(/failure 1\./)
    expect(started).toBeLessThanOrEqual(2 * availableParallelism())
  })

  it('compresses a file that is too large for memory piece by piece', async () => {
    const file = await collected('', 'a.bin', 'b.bin')
    for (const target of file.targets) await truncate(target, 129 * 2 ** 20)
    const content = { ...file, contentHash: 'large' }
    const report = await writeSiblings([content], resolveCompress({ brotli: 1, gzip: 1 }))
    expect(report).toMatchObject({ count: 4, removed: 0, originalBytes: 129 * 2 ** 20 })
    expect(await names()).toEqual(['a.bin', 'a.bin.br', 'a.bin.gz', 'b.bin', 'b.bin.br', 'b.bin.gz'])
    const [gzip, brotli] = await Promise.all(['b.bin.gz', 'a.bin.br'].map(name => readFile(inFolder(name))))
    expect(gzip![9]).toBe(255)
    expect(zlib.gunzipSync(gzip!).length).toBe(129 * 2 ** 20)
    expect(zlib.brotliDecompressSync(brotli!).length).toBe(129 * 2 ** 20)
    expect(report.savedBytes).toBe(129 * 2 ** 20 - Math.min(gzip!.length, brotli!.length))
  })

  it('names a file that does not exist', async () => {
    const file = await collected(text, 'a.css')
    const failed = write([{ ...file, targets: [inFolder('gone.css')] }])
    await expect(failed).rejects.toThrow(/siblings of .*gone\.css: ENOENT.*gone\.css/)
  })
})
