import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashedName } from '../../src/base/names.ts'
import { type HashedTree, hashTree, type Tree } from '../support/hash-tree.ts'

describe('an acyclic file', () => {
  it('has the MD5 of its final bytes', async () => {
    const tree = await hashTree({ 'a.css': 'a{b:url(b.png)}', 'b.png': 'PNG' })
    expect(tree.hashed('b.png')).toBe('b.55505ba281b0.png')
    expect(tree.text('a.css')).toBe('a{b:url("b.55505ba281b0.png")}')
    expectMd5Names(tree, ['a.css', 'b.png'])
  })

  it('is hashed after what it refers to, through a diamond', async () => {
    const files = {
      'top.css': '@import "left.css";@import "right.css";',
      'left.css': '@import "base.css";a{b:c}',
      'right.css': '@import url(base.css);d{e:f}',
      'base.css': 'a{b:url(x.png)}',
      'x.png': 'x',
    }
    const tree = await hashTree(files)
    expectMd5Names(tree, Object.keys(files))
    expect(tree.text('left.css')).toBe(`@import url("${tree.hashed('base.css')}");a{b:c}`)
    expect(tree.text('right.css')).toBe(`@import url("${tree.hashed('base.css')}");d{e:f}`)
    expect(tree.text('top.css')).toContain(tree.hashed('left.css'))
  })

  it('may stand on a chain of 1,000 others', async () => {
    const files: Record<string, string> = { '1000.css': 'a{b:c}' }
    for (let i = 0; i < 1000; i++) files[`${i}.css`] = `@import "${i + 1}.css";`
    const tree = await hashTree(files)
    expectMd5Names(tree, Object.keys(files))
    expect(tree.text('0.css')).toBe(`@import url("${tree.hashed('1.css')}");`)
    const changed = await hashTree({ ...files, '1000.css': 'a{b:d}' })
    expect(changed.hashed('0.css')).not.toBe(tree.hashed('0.css'))
  })
})

describe('a cycle', () => {
  it('of one is a file that refers to itself', async () => {
    const tree = await hashTree({ 'a.css': '@import "a.css";b{c:d}' })
    expect(tree.hashed('a.css')).toMatch(/^a\.[0-9a-f]{12}\.css$/)
    expect(tree.text('a.css')).toBe(`@import url("${tree.hashed('a.css')}");b{c:d}`)
  })

  it('of two has one hash for both', async () => {
    const tree = await hashTree({ 'a.js': 'import "./b.js"', 'b.js': 'import "./a.js"' })
    expect(tree.text('a.js')).toBe(`import "./${tree.hashed('b.js')}"`)
    expect(tree.text('b.js')).toBe(`import "./${tree.hashed('a.js')}"`)
    expect(hashOf(tree.hashed('a.js'))).toBe(hashOf(tree.hashed('b.js')))
  })

  it('of fifty works whatever the order of listing', async () => {
    const files = ring(50)
    const tree = await hashTree(files)
    for (let i = 0; i < 50; i++) {
      expect(tree.text(`${i}.js`)).toBe(`import "./${tree.hashed(`${(i + 1) % 50}.js`)}"`)
    }
    expect(namesOf(await hashTree(reversed(files)))).toEqual(namesOf(tree))
  })

  it('gets other names for all its members, and for what refers to them, when one changes', async () => {
    const files: Record<string, string> = {
      ...ring(5),
      'user.js': 'import "./3.js"',
      'far.js': 'import "./user.js"',
      'x.js': 'x()',
    }
    const before = await hashTree(files)
    const after = await hashTree({ ...files, '2.js': `${files['2.js']};edited()` })
    const renamed = Object.keys(files).filter(name => before.hashed(name) !== after.hashed(name))
    expect(renamed.sort()).toEqual(['0.js', '1.js', '2.js', '3.js', '4.js', 'far.js', 'user.js'])
  })

  it('gets another name when something that it refers to changes', async () => {
    const files = { 'a.js': 'import "./b.js";import "./c.js"', 'b.js': 'import "./a.js"', 'c.js': '1' }
    const before = await hashTree(files)
    const after = await hashTree({ ...files, 'c.js': '2' })
    expect(before.hashed('b.js')).not.toBe(after.hashed('b.js'))
  })

  it('shares no name with another cycle of the same shape', async () => {
    const tree = await hashTree({
      'a/x.js': 'import "./y.js"',
      'a/y.js': 'import "./x.js"',
      'b/x.js': 'import "./y.js"',
      'b/y.js': 'import "./x.js"',
    })
    expect(hashOf(tree.hashed('a/x.js'))).not.toBe(hashOf(tree.hashed('b/x.js')))
  })
})

describe('a source map', () => {
  const FILES = {
    'app.js': 'run()\n//# sourceMappingURL=app.js.map\n',
    'app.js.map': '{"version":3,"file":"app.js","mappings":""}',
  }

  it('names its script by the hashed name, and the script names the map', async () => {
    const tree = await hashTree(FILES)
    expect(JSON.parse(tree.text('app.js.map')).file).toBe(tree.hashed('app.js'))
    expect(tree.text('app.js')).toBe(`run()\n//# sourceMappingURL=${tree.hashed('app.js.map')}\n`)
  })

  it('changes its name with the script, and the script with it', async () => {
    const before = await hashTree(FILES)
    const script = await hashTree({ ...FILES, 'app.js': `1;${FILES['app.js']}` })
    const map = await hashTree({ ...FILES, 'app.js.map': FILES['app.js.map'].replace('""', '"A"') })
    for (const after of [script, map]) {
      expect(after.hashed('app.js')).not.toBe(before.hashed('app.js'))
      expect(after.hashed('app.js.map')).not.toBe(before.hashed('app.js.map'))
    }
  })

  it('keeps a `file` that is not its script', async () => {
    const map = '{"file":"other.js"}'
    const tree = await hashTree({ ...FILES, 'other.js': '1', 'app.js.map': map })
    expect(tree.text('app.js.map')).toBe(map)
    expectMd5Names(tree, ['app.js', 'app.js.map', 'other.js'])
  })

  it('may belong to two scripts, whatever the order of listing', async () => {
    const files = { ...FILES, 'z.js': '2\n//# sourceMappingURL=app.js.map' }
    const tree = await hashTree(files)
    expect(JSON.parse(tree.text('app.js.map')).file).toBe(tree.hashed('app.js'))
    expect(namesOf(await hashTree(reversed(files)))).toEqual(namesOf(tree))
  })

  it('stays as it is where only source map comments are rewritten, as in Django', async () => {
    const tree = await hashTree(FILES, { js: 'source-maps' })
    expect(tree.text('app.js.map')).toBe(FILES['app.js.map'])
    expectMd5Names(tree, ['app.js', 'app.js.map'])
  })
})

describe('a reference to a name that the bundler makes', () => {
  const FILES = {
    'a.css': '@import "built.css";@import "b.css";',
    'b.css': '@import "a.css";',
    'user.css': '@import "b.css";',
    'free.css': 'a{b:url(x.png)}',
    'x.png': 'x',
  }
  const OPTIONS = { bundled: new Set(['built.css']) }

  it('makes its file wait, and all that refer to that', async () => {
    const { hasher } = await hashTree(FILES, OPTIONS)
    expect([...hasher.files.keys()].sort()).toEqual(['free.css', 'x.png'])
    const waiting = [...hasher.waiting()].map(({ url, line, column, name }) => [url, line, column, name])
    expect(waiting).toEqual([['built.css', 1, 9, 'built.css']])
  })

  it('gets the name that the bundler gave', async () => {
    const tree = await hashTree(FILES, OPTIONS)
    await tree.hasher.run(new Map([['built.css', { name: 'built.0123456789ab.css' }]]))
    expect([...tree.hasher.waiting()]).toEqual([])
    expect(tree.text('a.css')).toBe(
      `@import url("built.0123456789ab.css");@import url("${tree.hashed('b.css')}");`,
    )
    expect(tree.text('user.css')).toBe(`@import url("${tree.hashed('b.css')}");`)
  })

  it('stays where the bundler did not make it, which alone is reported', async () => {
    const tree = await hashTree(
      { 'a.css': '@import "gone.css";@import "built.css";@import "x.css";', 'x.css': 'a{}' },
      { bundled: new Set(['built.css', 'gone.css']) },
    )
    await tree.hasher.run(new Map([['built.css', { name: 'built.0123456789ab.css' }]]))
    expect([...tree.hasher.waiting()].map(({ url }) => url)).toEqual(['gone.css'])
    await tree.hasher.settle()
    expect(tree.text('a.css')).toBe(
      `@import "gone.css";@import url("built.0123456789ab.css");@import url("${tree.hashed('x.css')}");`,
    )
    expectMd5Names(tree, ['a.css'])
    expect([...tree.hasher.waiting()]).toEqual([])
  })
})

describe('in any tree', () => {
  it('hashes do not depend on the order of listing', async () => {
    await fc.assert(
      fc.asyncProperty(trees(), fc.infiniteStream(fc.nat()), async (files, numbers) => {
        expect(namesOf(await hashTree(shuffled(files, numbers)))).toEqual(namesOf(await hashTree(files)))
      }),
      { numRuns: 60 },
    )
  })

  it('every reference becomes the hashed name of its file', async () => {
    await fc.assert(
      fc.asyncProperty(trees(), async files => {
        const tree = await hashTree(files)
        for (const [name, text] of Object.entries(files)) {
          const expected = text.replace(/[0-9]+\.(?:css|js|png)/g, target => tree.hashed(target))
          expect(tree.text(name).replaceAll(/url\("(.*?)"\)/g, '"$1"')).toBe(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('an edit renames the file and all that reach it, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(trees(), fc.nat(), async (files, seed) => {
        const names = Object.keys(files)
        const edited = names[seed % names.length]!
        const before = await hashTree(files)
        const after = await hashTree({ ...files, [edited]: `${files[edited]}/*edited*/` })
        const renamed = names.filter(name => before.hashed(name) !== after.hashed(name))
        expect(renamed).toEqual(names.filter(name => reaches(files, name, edited)))
      }),
      { numRuns: 60 },
    )
  })
})

/** Up to 12 files `0.css`, `1.js`, `2.png` …, each with references to some of the others or to itself. */
function trees(): fc.Arbitrary<Record<string, string>> {
  const file = fc.record({
    extension: fc.constantFrom('css', 'js', 'png'),
    targets: fc.array(fc.nat(), { maxLength: 3 }),
  })
  return fc.array(file, { minLength: 1, maxLength: 12 }).map(files => {
    const names = files.map(({ extension }, index) => `${index}.${extension}`)
    return Object.fromEntries(
      files.map(({ extension, targets }, index) => {
        const urls = targets.map(target => names[target % names.length]!)
        return [names[index]!, `/* ${index} */${urls.map(url => statement(extension, url)).join('')}`]
      }),
    )
  })
}

function statement(extension: string, url: string): string {
  if (extension === 'png') return ''
  return extension === 'css' ? `@import "${url}";` : `import "./${url}";`
}

function reaches(files: Readonly<Record<string, string>>, from: string, to: string): boolean {
  const reached = new Set([from])
  for (const name of reached) {
    for (const [target] of files[name]!.matchAll(/[0-9]+\.(?:css|js|png)/g)) reached.add(target)
  }
  return reached.has(to)
}

function ring(size: number): Record<string, string> {
  const names = Array.from({ length: size }, (_, index) => `${index}.js`)
  return Object.fromEntries(names.map((name, i) => [name, `import "./${names[(i + 1) % size]}"`]))
}

function reversed(files: Tree): Tree {
  return Object.fromEntries(Object.entries(files).reverse())
}

function shuffled(files: Tree, numbers: Iterator<number>): Tree {
  const keyed = Object.entries(files).map(entry => ({ entry, key: numbers.next().value as number }))
  return Object.fromEntries(keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry))
}

function namesOf({ hasher }: HashedTree): Record<string, string> {
  return Object.fromEntries([...hasher.files.values()].map(file => [file.name, file.hashedName]))
}

function hashOf(name: string): string | undefined {
  return /[0-9a-f]{12}/.exec(name)?.[0]
}

function expectMd5Names(tree: HashedTree, names: readonly string[]): void {
  for (const name of names) {
    const md5 = createHash('md5').update(tree.bytes(name)).digest('hex')
    expect(tree.hashed(name)).toBe(hashedName(name, md5))
  }
}
