import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { mapConcurrently } from '../../src/base/concurrency.ts'
import { placeFile, replaceFile } from '../../src/base/files/replace-file.ts'
import type { Rewritten } from '../../src/hash/render.ts'
import { earlierBuild } from '../../src/static-root/earlier-build.ts'
import { earlierIndex, writeIndexFile } from '../../src/static-root/index/index-file.ts'
import type { OutputFile, WriteOptions } from '../../src/static-root/output-file.ts'
import { writeFiles } from '../../src/static-root/write.ts'
import { addTo, symlink, type Tree, tree } from '../support/tree.ts'

type LinkMode = WriteOptions['link']

const MODES: LinkMode[] = [false, 'symbolic', 'hard']
const CSS = 'a { color: red }'

describe('a file', () => {
  test('has the bytes of its source under all its names', async () => {
    const site = await project()
    await site.write(await site.copied('css/site.css'))
    expect(await site.output()).toEqual({ 'css/site.5eb63bbbe01e.css': CSS, 'css/site.css': CSS })
  })

  test('has the bytes that are given', async () => {
    const site = await project()
    await site.write(site.text('x.5eb63bbbe01e.css', 'new'))
    expect(await site.output()).toEqual({ 'x.5eb63bbbe01e.css': 'new' })
  })

  test('is one inode under all its names', async () => {
    const site = await project()
    await site.write(await site.copied('css/site.css'))
    const [hashed, plain] = await Promise.all(['css/site.5eb63bbbe01e.css', 'css/site.css'].map(site.stat))
    expect(plain!.ino).toBe(hashed!.ino)
    expect(plain!.ino).not.toBe((await stat(site.source('css/site.css'))).ino)
  })

  describe('has the mode 0644', () => {
    const umask = process.umask()
    afterEach(() => void process.umask(umask))

    test.each([0o600, 0o444, 0o755])('where that of its source is %o', async mode => {
      const site = await project()
      await chmod(site.source('css/site.css'), mode)
      await site.write(await site.copied('css/site.css'))
      expect(await site.mode('css/site.css')).toBe(0o644)
      expect(await site.mode('css/site.5eb63bbbe01e.css')).toBe(0o644)
    })

    test('whatever the umask', async () => {
      const site = await project()
      process.umask(0o077)
      await site.write(await site.copied('css/site.css'), site.text('x.css', 'new'))
      expect(await site.mode('css/site.css')).toBe(0o644)
      expect(await site.mode('x.css')).toBe(0o644)
    })
  })

  test('is written anew under its plain name, and under its hashed one where the size differs', async () => {
    const site = await project()
    await site.write(await site.copied('css/site.css'))
    await addTo(site.root, { 'out/css/site.5eb63bbbe01e.css': 'torn' })
    await site.write(await site.copied('css/site.css'))
    expect(await site.output()).toEqual({ 'css/site.5eb63bbbe01e.css': CSS, 'css/site.css': CSS })
  })

  test('is written anew under a plain name even where the size is the same', async () => {
    const site = await project()
    await site.write(site.text('x.css', 'old'), await site.plain('css/other.css'))
    await addTo(site.root, { 'src/css/other.css': 'i {}' })
    await site.write(site.text('x.css', 'new'), await site.plain('css/other.css'))
    expect(await site.output()).toEqual({ 'css/other.css': 'i {}', 'x.css': 'new' })
  })

  describe('that the build before left under a plain name', () => {
    test('stays the very file', async () => {
      const site = await project()
      const files = [site.text('x.css', 'new'), await site.plain('css/other.css')]
      const [text, copy] = await site.indexed(...files)
      await site.write(...files)
      expect((await site.stat('x.css')).ino).toBe(text)
      expect((await site.stat('css/other.css')).ino).toBe(copy)
    })

    test('is written anew where somebody changed it since, and the size is the same', async () => {
      const site = await project()
      const files = [site.text('x.css', 'new'), await site.plain('css/other.css')]
      await site.indexed(...files)
      await new Promise(resolve => setTimeout(resolve, 20))
      await addTo(site.root, { 'out/x.css': 'odd', 'out/css/other.css': 'i {}' })
      // As a tool does that restores files with their times.
      await utimes(path.join(site.root, 'out/css/other.css'), 1, 1)
      await site.write(...files)
      expect(await site.output()).toMatchObject({ 'x.css': 'new', 'css/other.css': 'b {}' })
    })

    test('is written anew where an older source of the same size comes first now', async () => {
      const site = await project({ 'src/css/older.css': 'q {}' })
      await utimes(site.source('css/older.css'), 1, 1)
      await site.indexed(await site.plain('css/other.css'))
      await site.write({ ...(await site.plain('css/older.css')), names: ['css/other.css'] })
      expect(await site.output()).toMatchObject({ 'css/other.css': 'q {}' })
    })
  })

  test('stays the very file under its hashed name where it is there already', async () => {
    const site = await project()
    await site.write(await site.copied('css/site.css'))
    const before = await site.stat('css/site.5eb63bbbe01e.css')
    await site.write(await site.copied('css/site.css'))
    expect((await site.stat('css/site.5eb63bbbe01e.css')).ino).toBe(before.ino)
  })
})

describe('linking', () => {
  test('symbolic makes each name a link to the source; text that is given is written', async () => {
    const site = await project()
    await site.write({ link: 'symbolic' }, await site.copied('css/site.css'), site.text('x.css', 'new'))
    for (const name of ['css/site.5eb63bbbe01e.css', 'css/site.css']) {
      expect(await readlink(site.target(name))).toBe(site.source('css/site.css'))
    }
    expect((await lstat(site.target('x.css'))).isFile()).toBe(true)
  })

  test('hard makes each name one of the source', async () => {
    const site = await project()
    await site.write({ link: 'hard' }, await site.copied('css/site.css'))
    const { ino } = await stat(site.source('css/site.css'))
    expect((await site.stat('css/site.css')).ino).toBe(ino)
    expect((await site.stat('css/site.5eb63bbbe01e.css')).ino).toBe(ino)
  })

  test.each(MODES)('%s: a source that is a symbolic link gives the file that it leads to', async link => {
    const site = await project({ 'src/deep/l.css': symlink('../css/site.css') })
    await site.write({ link }, await site.copied('deep/l.css'))
    expect(await site.output()).toEqual({ 'deep/l.5eb63bbbe01e.css': CSS, 'deep/l.css': CSS })
  })

  const changes = MODES.flatMap(from => MODES.map(to => [from, to] as const))
  test.each(changes)('%s, then %s: a build leaves what the second alone would', async (from, to) => {
    const site = await project()
    const files = [await site.copied('css/site.css'), await site.plain('css/other.css')]
    await site.write({ link: from }, ...files)
    await site.write({ link: to }, ...files)
    const fresh = await project()
    await fresh.write({ link: to }, await fresh.copied('css/site.css'), await fresh.plain('css/other.css'))
    expect(await site.kinds()).toEqual(await fresh.kinds())
  })

  test.each(MODES)('%s: the sources keep their bytes when a later build has others', async link => {
    const site = await project()
    await site.write({ link }, await site.copied('css/site.css'))
    await site.write(
      { link },
      site.text('css/site.css', 'new'),
      site.text('css/site.5eb63bbbe01e.css', 'newer'),
    )
    expect(await readFile(site.source('css/site.css'), 'utf8')).toBe(CSS)
    expect(await site.output()).toEqual({ 'css/site.css': 'new', 'css/site.5eb63bbbe01e.css': 'newer' })
  })
})

describe('no temporary file stays', () => {
  test.each(MODES)('after the same tree is written three times (link: %s)', async link => {
    const site = await project()
    const files = [
      await site.copied('css/site.css'),
      await site.plain('css/other.css'),
      site.text('x.css', 'new'),
    ]
    for (const _ of [1, 2, 3]) await site.write({ link }, ...files)
    expect(Object.keys(await site.output())).toEqual([
      ...['css/other.css', 'css/site.5eb63bbbe01e.css', 'css/site.css', 'x.css'],
    ])
  })

  test('after a failure, and the old file does', async () => {
    const site = await project({ 'out/gone.css': 'old' })
    const gone = { ...site.text('gone.css', ''), rewritten: undefined, source: site.source('gone.css') }
    await expect(site.write(gone)).rejects.toThrow(
      `staticfiles: cannot write ${site.target('gone.css')}: ENOENT: no such file or directory`,
    )
    expect(await site.output()).toEqual({ 'gone.css': 'old' })
  })

  test('after a creator that failed halfway', async () => {
    const root = await tree({ 'a.txt': 'old' })
    const failed = replaceFile(path.join(root, 'a.txt'), async temporary => {
      await writeFile(temporary, 'half')
      throw new Error('disk full')
    })
    await expect(failed).rejects.toThrow('disk full')
    expect(await readdir(root)).toEqual(['a.txt'])
    expect(await readFile(path.join(root, 'a.txt'), 'utf8')).toBe('old')
  })
})

describe('placeFile', () => {
  const make = (text: string, paths: string[]) => (file: string) => {
    paths.push(file)
    writeFileSync(file, text, { flag: 'wx' })
  }

  test('makes a new file at its own path, and replaces another from beside it', async () => {
    const root = await tree({})
    const file = path.join(root, 'a.txt')
    const paths: string[] = []
    placeFile(file, true, make('first', paths))
    placeFile(file, false, make('second', paths))
    expect(paths[0]).toBe(file)
    expect(path.basename(paths[1]!)).toMatch(/^\..*\.tmp$/)
    expect(await readFile(file, 'utf8')).toBe('second')
  })

  test('replaces what somebody else made meanwhile', async () => {
    const root = await tree({ 'a.txt': 'theirs' })
    const paths: string[] = []
    placeFile(path.join(root, 'a.txt'), true, make('ours', paths))
    expect(paths).toHaveLength(2)
    expect(await readFile(path.join(root, 'a.txt'), 'utf8')).toBe('ours')
    expect(await readdir(root)).toEqual(['a.txt'])
  })

  test('leaves nothing of a file that fails halfway', async () => {
    const root = await tree({})
    const failing = (file: string) => {
      writeFileSync(file, 'half')
      throw new Error('disk full')
    }
    expect(() => placeFile(path.join(root, 'a.txt'), true, failing)).toThrow('disk full')
    expect(await readdir(root)).toEqual([])
  })
})

describe('a folder in the way', () => {
  test.each(['css/site.css', 'css/site.5eb63bbbe01e.css'])('of %s is named', async name => {
    const site = await project({ [`out/${name}/x`]: '' })
    await expect(site.write(await site.copied('css/site.css'))).rejects.toThrow(
      `staticfiles: cannot write ${site.target(name)}: it is a folder; remove it`,
    )
    expect((await readdir(site.target('css'))).filter(file => file.endsWith('.tmp'))).toEqual([])
  })

  test('that is a file is named', async () => {
    const site = await project({ 'out/css': '' })
    await expect(site.write(await site.copied('css/site.css'))).rejects.toThrow(
      `staticfiles: cannot make the folder ${site.target('css')}: EEXIST`,
    )
  })
})

describe('after a failure', () => {
  test('nothing more is started, and what is under way is finished', async () => {
    const events: string[] = []
    const work = async (item: number) => {
      events.push(`start ${item}`)
      await new Promise(resolve => setTimeout(resolve, item * 10))
      if (item === 1) throw new Error('first')
      events.push(`end ${item}`)
    }
    await expect(mapConcurrently([1, 3, 5, 7], 2, work)).rejects.toThrow('first')
    expect(events).toEqual(['start 1', 'start 3', 'end 3'])
  })

  test('results keep their order, and no more than the limit are under way', async () => {
    let running = 0
    let most = 0
    const work = async (item: number) => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, 10 - item))
      running--
      return item * 2
    }
    expect(await mapConcurrently([1, 5, 2, 9, 3], 3, work)).toEqual([2, 10, 4, 18, 6])
    expect(most).toBe(3)
    expect(await mapConcurrently([], 3, work)).toEqual([])
  })
})

interface Project {
  readonly root: string
  source(name: string): string
  target(name: string): string
  stat(name: string): ReturnType<typeof stat>
  mode(name: string): Promise<number>
  /** A source that is written under its hashed and its plain name. */
  copied(name: string): Promise<OutputFile>
  /** A source that is written under its plain name. */
  plain(name: string): Promise<OutputFile>
  text(name: string, content: string): OutputFile
  write(...files: (OutputFile | { link: LinkMode })[]): Promise<void>
  /** Writes them as a build does, with an index; returns their inodes. */
  indexed(...files: OutputFile[]): Promise<number[]>
  /** The names and contents of all files of the output, hidden ones too. */
  output(): Promise<Record<string, string>>
  /** What each name is, without telling one project from another. */
  kinds(): Promise<Record<string, string>>
}

function output(name: string, bytes: Buffer, source: string, rewritten?: Rewritten): OutputFile {
  const facts = { hash: md5(bytes), size: bytes.length, hashed: false, fingerprint: undefined }
  return { names: [name], source, rewritten, ...facts }
}

/** Sources in src/, the static root in out/. */
async function project(files: Tree = {}): Promise<Project> {
  const root = await tree({ 'src/css/site.css': CSS, 'src/css/other.css': 'b {}', ...files })
  const source = (name: string) => path.join(root, 'src', name)
  const target = (name: string) => path.join(root, 'out', name)
  const plain = async (name: string): Promise<OutputFile> => {
    const bytes = await readFile(source(name))
    return output(name, bytes, source(name))
  }
  const namesOf = async () => {
    await mkdir(target(''), { recursive: true })
    const found = await readdir(target(''), { recursive: true, withFileTypes: true })
    const paths = found
      .filter(entry => !entry.isDirectory())
      .map(entry => path.join(entry.parentPath, entry.name))
    return paths.map(file => path.relative(target(''), file)).sort()
  }
  const write: Project['write'] = async (...given) => {
    const link = given.find(item => 'link' in item)?.link ?? false
    const outputs = given.filter(item => 'names' in item)
    const options = { staticRoot: target(''), link, fileMode: 0o644, folderMode: undefined }
    await writeFiles(outputs, { ...options, earlier: earlierBuild(earlierIndex(target('')), outputs) })
  }
  const each = async (answer: (name: string) => Promise<string>) =>
    Object.fromEntries(await Promise.all((await namesOf()).map(async name => [name, await answer(name)])))
  return {
    ...{ root, source, target, plain },
    stat: name => stat(target(name)),
    mode: async name => (await stat(target(name))).mode & 0o777,
    copied: async name => ({
      ...(await plain(name)),
      names: [name.replace('.css', '.5eb63bbbe01e.css'), name],
      hashed: true,
    }),
    text: (name, written) => {
      const bytes = Buffer.from(written)
      return output(name, bytes, source(name), { bytes } as Rewritten)
    },
    write,
    async indexed(...files) {
      await write(...files)
      writeIndexFile(target(''), {
        manifestHash: '',
        contents: files.map(({ hash, size, names }) => ({ hash, size, names, siblings: {} })),
      })
      return Promise.all(files.map(async ({ names }) => (await stat(target(names[0]!))).ino))
    },
    output: () => each(name => readFile(target(name), 'utf8')),
    kinds: () =>
      each(async name => {
        const found = await lstat(target(name))
        if (found.isSymbolicLink()) return `link to ${path.relative(root, await readlink(target(name)))}`
        return `${found.nlink} links, mode ${(found.mode & 0o777).toString(8)}`
      }),
  }
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
