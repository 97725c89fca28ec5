import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { bundlers, plainRolldown, vites } from '../support/bundlers.ts'
import { filesOf } from '../support/files-of.ts'
import { brokenKeys, classesOf, manifestOf, mutableNames, sheetOf } from '../support/static-root.ts'
import { tree } from '../support/tree.ts'

const SCRIPTS = [
  ...[
    'app',
    'a/b',
    'a-b',
    'p/[id]',
    'p/_id_',
    '[slug]/page',
    '(group)/page',
    'with blank',
    'größe/ñ',
    'deep/er/app',
  ],
].map(stem => `${stem}.js`)
const STYLESHEETS = [
  'site.css',
  'css/site.css',
  'x y/site.css',
  'app.css',
  'p/[id].css',
  'theme.module.css',
  'a/empty.css',
]

/** What a script does, in this order. */
interface Import {
  readonly what: 'script' | 'stylesheet' | 'later'
  readonly index: number
}

interface Graph {
  /** The imports of each script. */
  readonly scripts: readonly (readonly Import[])[]
  /** How many classes each stylesheet has; stylesheets with the same class are equal. */
  readonly classes: readonly string[]
  readonly entries: readonly number[]
  readonly sheetEntries: readonly number[]
  readonly hash: Options['hash']
  readonly assetsDir: string
  readonly vendor: boolean
}

const importOf = fc.record<Import>({
  what: fc.constantFrom('script', 'script', 'stylesheet', 'stylesheet', 'stylesheet', 'later'),
  index: fc.nat(99),
})

const graphs = fc.record<Graph>({
  scripts: fc.array(fc.array(importOf, { maxLength: 5 }), { minLength: 2, maxLength: SCRIPTS.length }),
  classes: fc.tuple(...STYLESHEETS.map((_, index) => fc.constantFrom(`c${index}`, `c${index}`, 'same', ''))),
  entries: fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 5 }),
  sheetEntries: fc.uniqueArray(fc.nat(STYLESHEETS.length - 1), { maxLength: 2 }),
  hash: fc.constantFrom<Options['hash'][]>(true, true, true, false, 'query'),
  assetsDir: fc.constantFrom('assets', 'assets', ''),
  vendor: fc.boolean(),
})

/** A project as files, and what is expected of it. */
function projectOf({ scripts, classes, entries, sheetEntries }: Graph, hasCss: boolean) {
  const at = ({ what, index }: Import) =>
    what === 'stylesheet' ? STYLESHEETS[index % STYLESHEETS.length]! : SCRIPTS[index % scripts.length]!
  const isThere = ({ what }: Import) => what !== 'stylesheet' || hasCss
  const imports = new Map(scripts.map((each, index) => [SCRIPTS[index]!, each.filter(isThere)]))
  const files: Record<string, string> = {}
  for (const [name, each] of imports) {
    const lines = each.map(one => {
      const specifier = JSON.stringify(
        `./${path.posix.relative(path.posix.dirname(name), at(one))}`.replace('./..', '..'),
      )
      return one.what === 'later' ? `import(${specifier});` : `import ${specifier};`
    })
    files[`static/${name}`] = `${lines.join('\n')}\nconsole.log(${JSON.stringify(`ran ${name}`)})\n`
  }
  STYLESHEETS.forEach((name, index) => {
    if (hasCss) files[`static/${name}`] = classes[index] ? `.${classes[index]} { color: red }` : ''
  })
  /** Depth first, as a browser runs modules. */
  function order(name: string, seen = new Set<string>()): string[] {
    if (seen.has(name)) return []
    seen.add(name)
    const before = (imports.get(name) ?? []).filter(({ what }) => what !== 'later')
    return [...before.flatMap(one => order(at(one), seen)), name]
  }
  /** Everything that a script leads to. */
  function reached(name: string, seen = new Set<string>()): Set<string> {
    if (seen.has(name)) return seen
    seen.add(name)
    for (const one of imports.get(name) ?? []) reached(at(one), seen)
    return seen
  }
  const entryNames = [...new Set(entries.map(index => SCRIPTS[index % scripts.length]!))]
  const sheets = hasCss ? sheetEntries.map(index => STYLESHEETS[index]!) : []
  const stems = new Set(sheets.map(name => name.replace('.css', '')))
  // A script with CSS and a stylesheet of the same name are an error, which another test has.
  const names = entryNames.filter(name => !stems.has(name.replace('.js', '')))
  return {
    files,
    names,
    sheets,
    sheetsOf: (name: string) => order(name).filter(each => each.endsWith('.css')),
    reached,
  }
}

/** A class without what CSS modules add. */
const plain = (name: string) => name.replace(/^_(\w+?)_\w+$/, '$1')

const vendorOutput = (version: string) => {
  const chunk = (id: string) => (/static\/(?:a|p|css)\//.test(id) ? 'vendor' : undefined)
  return version === 'Vite 8'
    ? { codeSplitting: { groups: [{ name: (id: string) => chunk(id) ?? null }] } }
    : { manualChunks: chunk }
}

async function check(version: string, graph: Graph): Promise<void> {
  const isVite = version in vites
  const { files, names, sheets, sheetsOf, reached } = projectOf(graph, isVite)
  if (names.length + sheets.length === 0) return
  const build = (version === 'Rolldown' ? plainRolldown : bundlers[version]!)(
    await tree(files),
    {
      dirs: ['static'],
      compress: false,
      entries: [...names, ...sheets],
      hash: graph.hash,
      conflicts: 'report',
    },
    {
      publicDir: false,
      build: {
        assetsDir: graph.assetsDir,
        rollupOptions: graph.vendor ? { output: vendorOutput(version) as object } : {},
      },
    },
  )
  const out = await build.catch(error => {
    // A file that others name and a built one of the same name, which no static root without hashes can hold.
    expect(String(error)).toMatch(/two files cannot have one name/)
    expect(graph.hash).not.toBe(true)
  })
  if (out === undefined) return
  expect(brokenKeys(out)).toEqual([])
  // What collected files name is published too, also if the key of its name leads to what the bundler made.
  const made = filesOf(out).filter(file => !(`static/${file.replace(/\.[0-9a-f]{12}\./, '.')}` in files))
  const mutable = mutableNames(out, made)
  if (graph.hash === true) expect(mutable).toEqual([])
  const classOf = (name: string) => graph.classes[STYLESHEETS.indexOf(name)]!
  const laterOf = (name: string) => [...reached(name)].filter(each => each.endsWith('.css')).map(classOf)
  for (const name of names) {
    expect([name, ranBy(out, manifestOf(out)[name]!.replace(/\?v=.*/, ''))]).toEqual([
      name,
      expect.arrayContaining([`ran ${name}`]),
    ])
    const wanted = isVite ? sheetsOf(name) : []
    const key = name.replace('.js', '.css')
    if (wanted.length === 0) continue
    const classes = classesOf(sheetOf(out, key)).map(plain)
    const expected = wanted.map(classOf).filter(Boolean)
    // What is put into the chunk that imports it dynamically cannot come later.
    const end = graph.vendor
      ? classes.slice(expected.length).filter(each => laterOf(name).includes(each))
      : []
    expect([key, classes]).toEqual([key, [...expected, ...end]])
  }
  for (const name of sheets)
    expect([name, classesOf(sheetOf(out, name)).map(plain)]).toEqual([name, [classOf(name)].filter(Boolean)])
  const left = filesOf(out).filter(file =>
    readFileSync(path.join(out, file), 'utf8').includes('--staticfiles:'),
  )
  expect(left).toEqual([])
}

/** What a script and those that it imports statically say. */
function ranBy(out: string, file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const code = readFileSync(path.join(out, file), 'utf8')
  const imports = [...code.matchAll(/\b(?:import|from)\s*["'](\.[^"']+)["']/g)].map(([, url]) =>
    path.posix.join(path.posix.dirname(file), url!),
  )
  const said = [...code.matchAll(/ran ([^"'`]+)["'`]/g)].map(([, name]) => `ran ${name}`)
  return [...said, ...imports.flatMap(other => ranBy(out, other, seen))]
}

describe('entries of any graph have their own files, and their CSS in the order of dev', () => {
  test.each([
    ['Vite 8', 40],
    ['Vite 7', 10],
    ['Vite 6', 10],
    ['Rollup 4', 10],
    ['Rolldown', 10],
  ])('%s', { timeout: 120_000 }, async (version, numRuns) => {
    await fc.assert(
      fc.asyncProperty(graphs, graph => check(version, graph)),
      { numRuns },
    )
  })
})
