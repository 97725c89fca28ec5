import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CollectedFile, collect, conflicts, describeConflicts } from '../../src/finders/collect.ts'
import { AppDirectoriesFinder, FileSystemFinder, type Finder } from '../../src/finders/finders.ts'
import { createIgnore } from '../../src/finders/ignore.ts'
import type { Options } from '../../src/options/options.ts'
import { resolveIn } from '../support/resolve-in.ts'
import { symlink, type Tree, tree } from '../support/tree.ts'

describe('of a name that several locations have', () => {
  const files = { 'a/x': 'first', 'b/x': 'second', 'c/x': 'first', 'app/static/x': 'third', 'b/y': '' }
  const options = { dirs: ['a', 'b', 'c'], apps: ['app'] }

  test('the first wins, and the others are kept in their order', async () => {
    const { summary } = await run(files, options)
    expect(summary).toEqual({ x: ['a/x', 'b/x', 'c/x =', 'app/static/x'], y: ['b/y'] })
  })

  test('`dirs` comes before `apps`, and both before finders of the user', async () => {
    const own: Finder = { locations: [], find: () => [], list: () => [{ name: 'x', source: '/dev/null' }] }
    const { collected } = await run(files, { ...options, finders: [own] })
    expect(collected.get('x')!.shadowed.at(-1)).toEqual({ name: 'x', source: '/dev/null', identical: false })
  })

  test('the winner has its location', async () => {
    const { root, collected } = await run(files, { dirs: [['p', 'b']] })
    expect(collected.get('p/x')).toMatchObject({
      location: { prefix: 'p', root: path.join(root, 'b'), option: 'dirs' },
    })
  })
})

describe('a conflict', () => {
  test('is a name with different files', async () => {
    const { root, collected } = await run(
      { 'a/x': '1', 'b/x': '2', 'c/x': '1', 'a/same': '1', 'b/same': '1', 'a/size': '1', 'b/size': '11' },
      { dirs: ['a', 'b', 'c'] },
    )
    const found = conflicts(collected.values())
    expect(found.map(file => file.name).sort()).toEqual(['size', 'x'])
    expect(describeConflicts(found.filter(file => file.name === 'x'))).toBe(
      `  x: ${root}/a/x\n    hides ${root}/b/x`,
    )
  })

  test('is not one file that two locations reach', async () => {
    const files = { 'a/d/x': '1', link: symlink('a') }
    const { summary, collected } = await run(files, { dirs: ['a', ['', 'a'], 'link', ['d', 'a/d']] })
    expect(summary).toEqual({ 'd/x': ['a/d/x', 'link/d/x ='] })
    expect(conflicts(collected.values())).toEqual([])
  })

  test('with a file that is gone names both', async () => {
    const gone = (name: string): Finder => ({
      ...{ locations: [], find: () => [] },
      list: () => [{ name: 'x', source: name }],
    })
    await expect(run({ 'a/x': '' }, { dirs: ['a'], finders: [gone('/gone/x')] })).rejects.toThrow(
      /^staticfiles: cannot compare .*\/a\/x with \/gone\/x: ENOENT/,
    )
  })
})

describe('a folder under two prefixes', () => {
  test('is collected under both', async () => {
    const { summary } = await run({ 'a/x': '' }, { dirs: ['a', ['p', 'a'], ['q/r', 'a']] })
    expect(Object.keys(summary)).toEqual(['x', 'p/x', 'q/r/x'])
  })

  test('has its broken links reported once', async () => {
    const { root, warnings } = await run({ 'a/x': symlink('none') }, { dirs: ['a', ['p', 'a']] })
    expect(warnings).toEqual([`${root}/a/x is a broken symbolic link: it is not collected`])
  })
})

describe('a name that is a file here and a folder there', () => {
  test('is an error that names both, for every such name at once', async () => {
    const files = { 'a/x': '', 'a/p/q': '', 'b/x/y/z': '', 'b/x/y/w': '', 'c/p/q/r': '' }
    const failure = await run(files, { dirs: ['a', 'b', 'c'] }).catch((error: Error) => error)
    expect(String(failure)).toMatch(
      /both a file and a folder.*\n {2}x: a file in .*\/a\/x, a folder for .*\/b\/x\/y\/w\n {2}p\/q: a file in .*\/a\/p\/q, a folder for .*\/c\/p\/q\/r\nRename/,
    )
  })

  test('is none where the patterns leave one of them out', async () => {
    const { summary } = await run({ 'a/x': '', 'b/x/y': '' }, { dirs: ['a', 'b'], ignore: ['y'] })
    expect(summary).toEqual({ x: ['a/x'] })
  })
})

describe('the patterns of what is ignored', () => {
  const files = { 's/CVS/a': '', 's/.b': '', 's/c~': '', 's/d': '', 's/CVSx': '' }
  const listed = async (options: Options) =>
    Object.keys((await run(files, { dirs: ['s'], ...options })).summary)

  test('are CVS, .* and *~ unless said otherwise', async () => {
    expect(await listed({})).toEqual(['CVSx', 'd'])
    expect(await listed({ ignore: ['d'] })).toEqual(['CVSx'])
  })

  test('can be opted out of, all or each', async () => {
    expect(await listed({ defaultIgnore: false })).toEqual(['.b', 'CVS/a', 'CVSx', 'c~', 'd'])
    expect(await listed({ defaultIgnore: false, ignore: ['c*'] })).toEqual(['.b', 'CVS/a', 'CVSx', 'd'])
    expect(await listed({ defaultIgnore: ['CVS'] })).toEqual(['.b', 'CVSx', 'c~', 'd'])
    expect(await listed({ defaultIgnore: ['.*', '*~'] })).toEqual(['CVS/a', 'CVSx', 'd'])
  })
})

test.each(['../x', 'a/../../x', '/x', 'a//x', './x', 'a/', ''])(
  'a finder that lists %j is refused',
  async name => {
    const own: Finder = { locations: [], find: () => [], list: async () => [{ name, source: '/made' }] }
    await expect(run({}, { finders: [own] })).rejects.toThrow(
      `a finder lists names that are not plain relative paths\n  '${name}': /made\n`,
    )
  },
)

test('finders can be used without the options', async () => {
  const root = await tree({ 's/a': '', 'app/static/b': '' })
  const finders = [new FileSystemFinder(['s'], root), new AppDirectoriesFinder(['*'], root)]
  const collected = await collect(finders, { ignore: createIgnore([]), warn: () => {} })
  expect([...collected.keys()]).toEqual(['a', 'b'])
})

/** Each name with its sources below the root, the winner first; `=` where one has the winner's content. */
async function run(
  files: Tree,
  options: Options,
): Promise<{
  root: string
  collected: Map<string, CollectedFile>
  summary: Record<string, string[]>
  warnings: string[]
}> {
  const root = await tree(files)
  const warnings: string[] = []
  const { finders, ignore } = resolveIn(root, options)
  const collected = await collect(finders, { ignore, warn: message => void warnings.push(message) })
  const summary = [...collected].map(([name, { source, shadowed }]) => {
    const others = shadowed.map(other => path.relative(root, other.source) + (other.identical ? ' =' : ''))
    return [name, [path.relative(root, source), ...others]]
  })
  return { root, collected, summary: Object.fromEntries(summary), warnings }
}
