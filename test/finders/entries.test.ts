import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Entry, isStylesheet, nameInLocations, resolveEntries } from '../../src/finders/entries.ts'
import { AppDirectoriesFinder, FileSystemFinder, type Finder } from '../../src/finders/finders.ts'
import { tree } from '../support/tree.ts'

const FILES = {
  'static/site.scss': '',
  'static/both.ts': '',
  'lib/lib.ts': '',
  'polls/static/polls/app.ts': '',
  'polls/static/both.ts': '',
  'frontend/main.tsx': '',
  'frontend/main.ts': '',
  'more/static/polls/app.js': '',
}

describe('an entry', () => {
  test('given by name is what the finders find', async () => {
    expect(await resolve('polls/app.ts', 'site.scss', 'lib/lib.ts', 'both.ts')).toEqual([
      ['polls/app.ts', 'polls/static/polls/app.ts', 'polls/app.js'],
      ['site.scss', 'static/site.scss', 'site.css'],
      ['lib/lib.ts', 'lib/lib.ts', 'lib/lib.js'],
      ['both.ts', 'static/both.ts', 'both.js'],
    ])
  })

  test.each([
    'polls/static/polls/app.ts',
    './polls/static/polls/app.ts',
    'polls/../polls/app.ts',
    'ROOT/polls/static/polls/app.ts',
  ])('in a location has its name there, given as %s', async entry => {
    expect(await resolve(entry)).toEqual([['polls/app.ts', 'polls/static/polls/app.ts', 'polls/app.js']])
  })

  test.each(['frontend/main.tsx', 'ROOT/frontend/main.tsx', './frontend/../frontend/main.tsx'])(
    'outside of all locations has its path for its name, given as %s',
    async entry => {
      expect(await resolve(entry)).toEqual([['frontend/main.tsx', 'frontend/main.tsx', 'frontend/main.js']])
    },
  )

  test('above the root has a name without `..`', async () => {
    const root = await tree({ 'a.ts': '', 'project/x': '' })
    const [entry] = resolveEntries(['../a.ts'], { finders: [], root: path.join(root, 'project') })
    expect(entry).toEqual({ name: 'a.ts', source: path.join(root, 'a.ts'), builtName: 'a.js' })
  })

  test('of a folder with two prefixes keeps the name that it is given by', async () => {
    const root = await tree({ 'a/x.ts': '' })
    const finders = [new FileSystemFinder(['a', ['p', 'a']], root)]
    expect(resolveEntries(['p/x.ts', 'x.ts'], { finders, root }).map(entry => entry.name)).toEqual([
      'p/x.ts',
      'x.ts',
    ])
  })

  test('of a finder without locations keeps its name', async () => {
    const own: Finder = {
      locations: [],
      find: name => (name === 'made.ts' ? ['/made/x.ts'] : []),
      list: () => [],
    }
    expect(resolveEntries(['made.ts'], { finders: [own], root: '/' })).toEqual<Entry[]>([
      { name: 'made.ts', source: '/made/x.ts', builtName: 'made.js' },
    ])
  })

  test('given twice, also in two spellings, is one', async () => {
    expect(await resolve('polls/app.ts', 'polls/app.ts', 'polls/static/polls/app.ts')).toHaveLength(1)
  })
})

test('all entries without a source are in one error, with the folders searched', async () => {
  const failed = resolve('polls/ap.ts', 'site.scss', 'polls', 'polls/app.ts/x', '', 'none/\0.ts')
  await expect(failed).rejects.toThrow(
    [
      'staticfiles: entries have no source',
      '  polls/ap.ts',
      '  polls',
      '  polls/app.ts/x',
      '  ',
      '  none/\0.ts',
      'Searched: ROOT/static, ROOT/lib, ROOT/more/static, ROOT/polls/static, ROOT\n',
    ].join('\n'),
  )
  await expect(resolve('x.ts')).rejects.toThrow('staticfiles: an entry has no source\n  x.ts\n')
})

test('entries that make the same file are named in pairs', async () => {
  const failed = resolve('frontend/main.tsx', 'frontend/main.ts', 'polls/app.ts', 'polls/app.js', 'site.scss')
  await expect(failed).rejects.toThrow(
    'staticfiles: entries clash\n' +
      '  frontend/main.tsx and frontend/main.ts both make frontend/main.js\n' +
      '  polls/app.ts and polls/app.js both make polls/app.js\n' +
      'Rename one of each pair.',
  )
})

test('a source has a name only where it lies in a location', async () => {
  const finders = [new FileSystemFinder(['/a/b', ['p', '/a/c']], '/')]
  const sources = ['/a/b/x.css', '/a/c/d/x.css', '/a/b', '/a/bc/x.css', '/a/x.css', '/a/b/..x']
  expect(sources.map(source => nameInLocations(source, finders))).toEqual([
    ...['x.css', 'p/d/x.css', undefined, undefined, undefined, '..x'],
  ])
})

test('stylesheets are told by their extension', () => {
  const all = ['a.css', 'a.SCSS', 'a.sass', 'a.less', 'a.styl', 'a.pcss', 'a.css.ts', 'a.js', 'css', 'a.cssx']
  expect(all.filter(isStylesheet)).toEqual(['a.css', 'a.SCSS', 'a.sass', 'a.less', 'a.styl', 'a.pcss'])
})

/** The name, source and built name of each entry; ROOT stands for the folder of the tree. */
async function resolve(...entries: string[]): Promise<[name: string, source: string, builtName: string][]> {
  const root = await tree(FILES)
  const finders = [
    new FileSystemFinder(['static', ['lib', 'lib']], root),
    new AppDirectoriesFinder(['*'], root),
  ]
  try {
    const resolved = resolveEntries(
      entries.map(entry => entry.replace('ROOT', root)),
      { finders, root },
    )
    return resolved.map(({ name, source, builtName }) => [name, path.relative(root, source), builtName])
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(root, 'ROOT'))
  }
}
