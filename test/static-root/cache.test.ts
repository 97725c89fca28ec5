import { readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type CompressOptions, resolveCompress } from '../../src/options/compression.ts'
import type { Sibling } from '../../src/static-root/siblings/compress.ts'
import { SiblingCache } from '../../src/static-root/siblings/sibling-cache.ts'
import { addTo, tree } from '../support/tree.ts'

const HASH = '5eb63bbbe01eeed093cb22bb8f5acdc3'
const SIBLINGS: Sibling[] = [
  { suffix: '.br', bytes: Buffer.from('brotli\n\0') },
  { suffix: '.gz', bytes: Buffer.from('gzip') },
]

test('siblings that were kept are found by a later build', async () => {
  const { folder, open } = await cacheFolder()
  await open().set(HASH, SIBLINGS)
  expect(open().get(HASH)).toEqual(SIBLINGS)
  expect(open().get(HASH.replace('5', '6'))).toBeUndefined()
  expect((await filesIn(folder)).filter(file => file.endsWith('.tmp'))).toEqual([])
})

test('that a content is not worth compressing is known too', async () => {
  const { open } = await cacheFolder()
  await open().set(HASH, [])
  expect(open().get(HASH)).toEqual([])
})

test.each([[{ brotli: 10 }], [{ gzip: false }], [{ maxRatio: 0.5 }], [{ effort: 'fast' }]] satisfies [
  CompressOptions,
][])('nothing is taken from a build with %j', async options => {
  const { open } = await cacheFolder()
  await open(options).set(HASH, SIBLINGS)
  expect(open().get(HASH)).toBeUndefined()
  expect(open(options).get(HASH)).toEqual(SIBLINGS)
})

test('an entry that was cut short at any place, or changed at any place, is none, and is written anew', async () => {
  const { folder, open } = await cacheFolder()
  await open().set(HASH, SIBLINGS)
  const [file = ''] = await filesIn(folder)
  const whole = await readFile(file)
  for (let at = 0; at < whole.length; at++) {
    await writeFile(file, whole)
    await truncate(file, at)
    expect(open().get(HASH), `cut at ${at}`).toBeUndefined()
    const changed = Buffer.from(whole)
    changed[at]! ^= 1
    await writeFile(file, changed)
    expect(open().get(HASH), `changed at ${at}`).toBeUndefined()
  }
  await open().set(HASH, SIBLINGS)
  expect(open().get(HASH)).toEqual(SIBLINGS)
})

test('builds may write the same entries at the same time', async () => {
  const { folder, open } = await cacheFolder()
  const hashes = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(32, '0'))
  const builds = [open(), open(), open()]
  await Promise.all(builds.flatMap(build => hashes.map(hash => build.set(hash, SIBLINGS))))
  for (const hash of hashes) expect(open().get(hash)).toEqual(SIBLINGS)
  expect(await filesIn(folder)).toHaveLength(hashes.length)
})

test('what was not used for longest goes first where the cache is too large', async () => {
  const { folder, open } = await cacheFolder()
  const hashes = ['a', 'b', 'c', 'd'].map(digit => digit.repeat(32))
  for (const hash of hashes) await open().set(hash, SIBLINGS)
  const files = await filesIn(folder)
  for (const [index, file] of files.entries()) await utimes(file, 1000 + index, 1000 + index)
  // It is used again, so that it is the youngest.
  open().get(hashes[0]!)
  const { size } = await stat(files[0]!)
  const build = open({ cacheSize: 3 * size })
  await build.set('e'.repeat(32), SIBLINGS)
  await build.evict()
  const left = (await filesIn(folder)).map(file => path.basename(file)[0])
  expect(left).toEqual(['a', 'd', 'e'])
})

test('the temporary file of a killed build goes, that of a running one stays', async () => {
  const { folder, open } = await cacheFolder()
  const [old, young] = ['0', '1'].map(digit => `.${digit.repeat(8)}-0000-0000-0000-${digit.repeat(12)}.tmp`)
  await addTo(folder, { [`x/${old}`]: '', [`x/${young}`]: '' })
  await utimes(path.join(folder, `x/${old}`), 1000, 1000)
  const build = open()
  await build.set(HASH, SIBLINGS)
  await build.evict()
  expect((await filesIn(folder)).map(file => path.basename(file)).sort()).toEqual([young, HASH])
})

test('files of others in the folder are never removed', async () => {
  const { folder, open } = await cacheFolder()
  const others = ['mine.txt', 'eslint/0123456789ab/cache', `ab/${HASH}`].map(name => path.join(folder, name))
  await addTo(folder, Object.fromEntries(others.map(file => [path.relative(folder, file), 'not a sibling'])))
  for (const file of others) await utimes(file, 1000, 1000)
  const build = open({ cacheSize: 0 })
  await build.set(HASH, SIBLINGS)
  await build.evict()
  expect(await filesIn(folder)).toEqual(others.sort())
})

test('a folder that cannot be made is told once, and siblings are compressed all the same', async () => {
  const { folder, open, warnings } = await cacheFolder({ 'cache/siblings': 'a file' })
  const build = open()
  await build.set(HASH, SIBLINGS)
  await build.set(HASH, SIBLINGS)
  await build.evict()
  expect(build.get(HASH)).toBeUndefined()
  expect(warnings).toEqual([expect.stringContaining(`cannot write the cache ${folder}: ENOTDIR`)])
})

async function cacheFolder(files = {}) {
  const folder = path.join(await tree({ 'cache/': '', ...files }), 'cache/siblings')
  const warnings: string[] = []
  const open = (options?: CompressOptions) =>
    new SiblingCache(folder, resolveCompress(options), message => warnings.push(message))
  return { folder, open, warnings }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
}
