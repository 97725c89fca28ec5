import { symlink as makeLink, rm } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppDirectoriesFinder, FileSystemFinder, type Finder, find } from '../../src/finders/finders.ts'
import { createIgnore } from '../../src/finders/ignore.ts'
import type { ListedFile } from '../../src/finders/location.ts'
import recorded from '../fixtures/finders.json' with { type: 'json' }
import { addTo, symlink, type Tree, tree } from '../support/tree.ts'

/** As `configure` in test/record/finders.py has them. */
const DIRS: (string | [prefix: string, folder: string])[] = [
  'one',
  ['two', 'two'],
  ['again', 'one'],
  'shared',
  ['deep/er', 'three'],
  ['sh', 'shared'],
]
const APPS = ['app', 'bpp', 'cpp']

/**
 * Names that Django finds otherwise, with the answer of ours and the reason. Besides these: where a name leads out of
 * a location, Django raises SuspiciousFileOperation, though only if no location before has it; ours is not in there.
 */
const FOUND_OTHERWISE: Record<string, { finds: string[]; because: string }> = {
  folder: { finds: ['TREE/bpp/static/folder'], because: 'a folder is not a file, and hides none' },
  'folder/': { finds: ['TREE/bpp/static/folder'], because: 'a folder is not a file, and hides none' },
  two: { finds: [], because: 'a folder is not a file' },
  'two/': { finds: [], because: 'a folder is not a file' },
  '': { finds: [], because: 'a location is not a file' },
  '.': { finds: [], because: 'a location is not a file' },
  'TREE/one': { finds: [], because: 'a location is not a file' },
}

describe('finders find what those of Django 6.1 find', () => {
  test.each(recorded.finders.find as [string, string | null, string | string[]][])(
    '%j',
    async (name, first, all) => {
      const root = await tree(Object.fromEntries(recorded.finders.tree.map(file => [file, file])))
      const finders = [new FileSystemFinder(DIRS, root), new AppDirectoriesFinder(APPS, root)]
      const found = find(finders, name.replace('TREE', root), { all: true })
      expect(found.map(file => file.replace(root, 'TREE'))).toEqual(expectedOf(name, first, all))
      expect(find(finders, name.replace('TREE', root))).toBe(found[0])
    },
  )

  test('except where the list above says otherwise, and nowhere else', () => {
    const differing = (recorded.finders.find as [string, string | null, string | string[]][]).filter(
      ([name, first, all]) => {
        const ours = FOUND_OTHERWISE[name]?.finds
        return ours !== undefined && ours.join() !== djangoFinds(first, all).join()
      },
    )
    expect(differing.map(([name]) => name).sort()).toEqual(Object.keys(FOUND_OTHERWISE).sort())
  })

  /** Django collects a root that is listed twice under its last prefix, twice, so that half of its names get lost. */
  test('and list them in the same order, but a root that is listed twice under both prefixes', async () => {
    const root = await tree(Object.fromEntries(recorded.finders.tree.map(file => [file, file])))
    const finders = [new FileSystemFinder(DIRS, root), new AppDirectoriesFinder(APPS, root)]
    const listed = (await Promise.all(finders.map(finder => listOf(finder)))).flat()
    const django = (recorded.finders.list as [string, [string, string][]][]).flatMap(([, files]) => files)
    const lastPrefix: Record<string, string> = { one: 'again/', shared: 'sh/' }
    const asDjango = listed.map(({ name, source, location }) => {
      const prefix = lastPrefix[path.basename(location!.root)]
      const plain = path.relative(location!.root, source)
      return [prefix === undefined ? name : prefix + plain, source.replace(root, 'TREE')]
    })
    expect(asDjango).toEqual(django)
    const names = listed.map(file => file.name)
    expect(names).toEqual(expect.arrayContaining(['own.css', 'again/own.css', 's.css', 'sh/s.css']))
  })
})

describe('a location', () => {
  test('is listed once where it is given twice under one prefix', async () => {
    const root = await tree({ 'a/x.css': '' })
    expect(new FileSystemFinder(['a', 'a/', './a', ['p', 'a']], root).locations).toEqual([
      { prefix: '', root: path.join(root, 'a'), option: 'dirs' },
      { prefix: 'p', root: path.join(root, 'a'), option: 'dirs' },
    ])
  })

  test('that does not exist finds and lists nothing', async () => {
    const finder = new FileSystemFinder(['none'], await tree({}))
    expect([...finder.find('a.css'), ...(await listOf(finder))]).toEqual([])
  })

  test('has names with `/`, as they are written: spaces, brackets, dots, line breaks, NFC and NFD', async () => {
    const odd = [
      'a b.css',
      '[x]/(y)!{z}.css',
      'a..b',
      'x*?.css',
      'Icon\r',
      'd/new\nline.css',
      'q\'".css',
      'back\\slash.css',
    ]
    const unicode = ['caf\u00e9.css', 'cafe\u0301.css', '\u65e5\u672c/\u8a9e.css', '\u{1f600}.css']
    const root = await tree(Object.fromEntries([...odd, ...unicode].map(name => [`s/${name}`, ''])))
    expect(await names(new FileSystemFinder(['s'], root))).toEqual([...odd, ...unicode].sort())
  })

  test('whose path has the letters of globs is a folder like any other', async () => {
    const root = await tree({ '(a)[b]*{c}/x.css': '', 'apps/+(a)/static/y.css': '' })
    expect(await names(new FileSystemFinder(['(a)[b]*{c}'], root))).toEqual(['x.css'])
    expect(await names(new AppDirectoriesFinder(['apps/+(a)'], root))).toEqual(['y.css'])
  })

  test('below a root that is unreadable is named in the error', async () => {
    const root = await tree({ 'file.css': '' })
    await expect(names(new FileSystemFinder(['file.css'], root))).rejects.toThrow(
      `staticfiles: cannot list ${root}/file.css: ENOTDIR`,
    )
  })

  test('lists no folder that the ignore patterns leave out, however deep', async () => {
    const files = ['a.css', '.git/x', 'd/.x', 'd/CVS/x', 'd/e/y~', 'my-app/x', 'd/f/x.map', 'd/g']
    const root = await tree(Object.fromEntries(files.map(name => [`s/${name}`, ''])))
    const ignore = createIgnore(['CVS', '.*', '*~', 'my-app', 'd/f/*'])
    expect(await names(new FileSystemFinder([['p', 's']], root), { ignore })).toEqual(['p/a.css', 'p/d/g'])
  })
})

describe('apps', () => {
  const files = { 'b/static/b.css': '', 'a/static/a.css': '', 'c/views.py': '', 'd/e/static/e.css': '' }

  test('are searched in the order of the list, and those of a glob in that of the alphabet', async () => {
    const root = await tree(files)
    const roots = (apps: string[]) =>
      new AppDirectoriesFinder(apps, root).locations.map(location => path.relative(root, location.root))
    expect(roots(['b', 'a'])).toEqual(['b/static', 'a/static'])
    expect(roots(['*'])).toEqual(['a/static', 'b/static'])
    expect(roots(['b', '*', 'd/*'])).toEqual(['b/static', 'a/static', 'd/e/static'])
    expect(roots(['**'])).toEqual(['a/static', 'b/static', 'd/e/static'])
  })

  test('without static/ have nothing, without an error', async () => {
    const finder = new AppDirectoriesFinder(['c', 'missing', 'c/views.py'], await tree(files))
    expect(finder.locations).toEqual([])
    expect(find([finder], 'b.css')).toBe(undefined)
  })
})

describe('a symbolic link', () => {
  test('to a file or a folder is followed, and its name is the one of the link', async () => {
    const { listed, warnings } = await listTree({
      'shared/deep/x.css': '',
      's/file.css': symlink('../shared/deep/x.css'),
      's/folder': symlink('../shared'),
    })
    expect(listed).toEqual(['file.css', 'folder/deep/x.css'])
    expect(warnings).toEqual([])
  })

  test('stands for a location as well', async () => {
    const root = await tree({ 'real/a.css': '', s: symlink('real') })
    const [file] = await listOf(new FileSystemFinder(['s'], root))
    expect(file).toMatchObject({ name: 'a.css', source: path.join(root, 's/a.css') })
  })

  test('that is broken is named, once, and not collected', async () => {
    const { root, listed, warnings } = await listTree({ 's/a.css': '', 's/d/b.css': symlink('nowhere') })
    expect(listed).toEqual(['a.css'])
    expect(warnings).toEqual([`${root}/s/d/b.css is a broken symbolic link: it is not collected`])
  })

  test.each(['b.css', 'd/*', 'd'])('that is broken and ignored by %s is not spoken of', async pattern => {
    const files = { 's/d/b.css': symlink('nowhere'), 's/a.css': '' }
    expect(await listTree(files, [pattern])).toMatchObject({ listed: ['a.css'], warnings: [] })
  })

  test.each<[what: string, files: Tree, listed: string[], loops: string[]]>([
    ['to itself', { 's/a': '', 's/l': symlink('l') }, ['a'], ['s/l']],
    ['to its own folder', { 's/a': '', 's/d/b': '', 's/d/l': symlink('.') }, ['a', 'd/b'], ['s/d/l']],
    ['to its parent', { 's/a': '', 's/d/b': '', 's/d/l': symlink('..') }, ['a', 'd/b'], ['s/d/l']],
    ['above its location', { 's/d/b': '', 'x/y': '', 's/d/l': symlink('../..') }, ['d/b'], ['s/d/l']],
    [
      'to a folder with a link back',
      { 's/d/a': '', 's/d/l': symlink('../e'), 's/e/b': '', 's/e/l': symlink('../d') },
      ['d/a', 'd/l/b', 'e/b', 'e/l/a'],
      ['s/d/l', 's/e/l'],
    ],
    [
      'out of its location, with a loop there',
      { 's/l': symlink('../x/y'), 's/m': symlink('../x/y'), 'x/y/a': '', 'x/y/l': symlink('..') },
      ['l/a', 'm/a'],
      ['x/y/l', 'x/y/l'],
    ],
  ])('%s is named and not followed', async (_what, files, listed, loops) => {
    const found = await listTree(files)
    expect(found.listed).toEqual(listed)
    const warned = found.warnings.map(warning => warning.replace(/ (?:links to|is a broken) .*$/u, ''))
    expect(warned.sort()).toEqual(loops.map(loop => `${found.root}/${loop}`))
  })
})

describe('a finder of the user’s own', () => {
  const generated: Finder = {
    locations: [],
    find: name => (name === 'made.css' ? ['/made/made.css'] : []),
    list: () => [{ name: 'made.css', source: '/made/made.css' }],
  }

  test('is asked in its turn', async () => {
    const root = await tree({ 's/made.css': '' })
    const files = new FileSystemFinder(['s'], root)
    const own = path.join(root, 's/made.css')
    expect(find([generated, files], 'made.css')).toBe('/made/made.css')
    expect(find([files, generated], 'made.css', { all: true })).toEqual([own, '/made/made.css'])
    expect(find([generated], 'other.css')).toBe(undefined)
    expect(find([generated], 'other.css', { all: true })).toEqual([])
  })
})

test('in any tree, the first that lists a name is the one that finding it gives', async () => {
  const segment = fc.constantFrom('a', 'b', 'c.css', '.d')
  const name = fc.array(segment, { minLength: 1, maxLength: 3 }).map(segments => segments.join('/'))
  const folder = fc.constantFrom('one', 'two', 'one/a', 'three')
  const prefixed = fc.tuple(fc.constantFrom('a', 'b', 'a/b'), folder)
  const root = await tree({})
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(folder, name), { maxLength: 12 }),
      fc.array(fc.oneof(folder, prefixed), { minLength: 1, maxLength: 5 }),
      async (files, dirs) => {
        for (const at of ['one', 'two', 'three'])
          await rm(path.join(root, at), { recursive: true, force: true })
        await addTo(root, { 'one/a/': '' })
        for (const [at, file] of files) {
          // A name that is a file already cannot be a folder as well.
          await addTo(root, { [`${at}/${file}`]: '' }).catch(() => undefined)
        }
        await makeLink('../three', path.join(root, 'one/link')).catch(() => undefined)
        const finders = [new FileSystemFinder(dirs, root), new FileSystemFinder([...dirs].reverse(), root)]
        const listed = (await Promise.all(finders.map(finder => listOf(finder)))).flat()
        const winners = new Map<string, string>()
        for (const { name, source } of listed) if (!winners.has(name)) winners.set(name, source)
        for (const [listedName, source] of winners) expect(find(finders, listedName)).toBe(source)
        for (const { name, source } of listed) expect(find(finders, name, { all: true })).toContain(source)
      },
    ),
    { numRuns: 100 },
  )
})

function djangoFinds(first: string | null, all: string | string[]): string[] {
  if (Array.isArray(all)) return all
  // With `find_all` Django goes on to locations that the name leads out of, and raises.
  return first === null || first === 'SuspiciousFileOperation' ? [] : [first]
}

function expectedOf(name: string, first: string | null, all: string | string[]): string[] {
  return FOUND_OTHERWISE[name]?.finds ?? djangoFinds(first, all)
}

async function listTree(
  files: Tree,
  ignored: string[] = [],
): Promise<{ root: string; listed: string[]; warnings: string[] }> {
  const root = await tree(files)
  const warnings: string[] = []
  const options = { ignore: createIgnore(ignored), warn: (message: string) => void warnings.push(message) }
  return { root, listed: await names(new FileSystemFinder(['s'], root), options), warnings }
}

async function names(finder: Finder, options = {}): Promise<string[]> {
  return (await listOf(finder, options)).map(file => file.name)
}

async function listOf(finder: Finder, options = {}): Promise<ListedFile[]> {
  return [...(await finder.list({ ignore: createIgnore([]), warn: () => {}, ...options }))]
}
