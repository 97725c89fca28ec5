import { execFile, spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import * as built from 'vite-plugin-staticfiles'
import * as server from 'vite-plugin-staticfiles/server'
import { describe, expect, test } from 'vitest'
import { forbiddenImports, importsOf, type Rules } from './support/rooms.ts'
import { tree } from './support/tree.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '..')

test('the built package exports exactly its public names', () => {
  expect(Object.keys(built).sort()).toEqual([
    'AppDirectoriesFinder',
    'FileSystemFinder',
    'Manifest',
    'StaticFilesError',
    'find',
    'staticfiles',
  ])
})

test('the built server exports exactly its public names', () => {
  expect(Object.keys(server).sort()).toEqual([
    'StaticFilesError',
    'createFetchHandler',
    'createStaticHandler',
  ])
  expect(typesOf('dist/server.d.mts')).toEqual([
    'FetchHandler',
    'Next',
    'ServedFile',
    'ServerOptions',
    'StaticFilesError',
    'StaticHandler',
    'createFetchHandler',
    'createStaticHandler',
  ])
})

test('the built server needs nothing but Node and the table of MIME types', () => {
  for (const entry of ['server', 'serve-worker']) {
    const packages = [...importedBy(`${entry}.mjs`)].filter(name => !name.startsWith('node:'))
    expect([entry, packages]).toEqual([entry, ['mrmime']])
  }
})

/** What a built file imports from elsewhere, itself and through others. */
function importedBy(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return new Set()
  seen.add(file)
  const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, 'dist', file), 'utf8'), true, true)
  const names = importedFiles.map(each => each.fileName)
  const own = names
    .filter(name => name.startsWith('./'))
    .flatMap(name => [...importedBy(name.slice(2), seen)])
  return new Set([...names.filter(name => !name.startsWith('./')), ...own])
}

test('the built types export exactly the public names', () => {
  expect(typesOf('dist/index.d.mts')).toEqual([
    'AppDirectoriesFinder',
    'CompressOptions',
    'DjangoOptions',
    'FileSystemFinder',
    'FindOptions',
    'Finder',
    'Ignore',
    'ListOptions',
    'ListedFile',
    'Location',
    'Manifest',
    'ManifestOptions',
    'Options',
    'StaticFilesError',
    'StaticFilesPlugin',
    'StaticName',
    'StaticNames',
    'find',
    'staticfiles',
  ])
})

function typesOf(name: string): string[] {
  const file = path.join(root, name)
  const program = ts.createProgram([file], { skipLibCheck: true })
  const checker = program.getTypeChecker()
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
  return checker
    .getExportsOfModule(symbol)
    .map(each => each.name)
    .sort()
}

/** What the files of a room may import: rooms, folders and files below `src/`; behind `type ` for their types alone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  finders: ['base'],
  references: ['finders', 'base'],
  options: ['references', 'finders', 'base'],
  hash: ['references', 'finders', 'base'],
  'static-root': ['hash', 'type options', 'references', 'finders', 'base'],
  build: ['static-root', 'hash', 'options', 'references', 'finders', 'base'],
  server: [...['manifest', 'index', 'list.ts', 'releases'].map(part => `static-root/${part}`), 'base'],
  plugin: ['build', 'server', 'static-root', 'hash', 'options', 'references', 'finders', 'base'],
  cli: ['plugin', 'build', 'server', 'static-root', 'hash', 'options', 'references', 'finders', 'base'],
  'index.ts': ['plugin', 'static-root', 'options', 'finders', 'base'],
  browser: ['type build', 'type plugin'],
}

/** The packages that only some rooms may name, with these rooms. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  vite: ['plugin', 'cli'],
  rollup: ['plugin', 'cli'],
  rolldown: ['plugin', 'cli'],
  'node:http': ['plugin', 'cli', 'server'],
  'node:https': ['plugin', 'cli', 'server'],
  'node:http2': ['plugin', 'cli', 'server'],
}

const RULES: Rules = { mayImport: MAY_IMPORT, onlyIn: ONLY_IN }

const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.replaceAll(path.sep, '/'))
const textOf = (file: string) => readFileSync(path.join(root, 'src', file), 'utf8')

test('the sources import only declared dependencies', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const bare = sources
    .filter(file => !file.startsWith('browser/report/'))
    .flatMap(file => importsOf(textOf(file)))
    .map(({ specifier }) => specifier)
    .filter(name => !/^(?:\.|node:)/.test(name))
  const packages = new Set(bare.map(name => name.match(/^(?:@[^/]+\/)?[^/]+/)![0]))
  // Types of Vite are erased.
  packages.delete('vite')
  expect([...packages].sort()).toEqual(Object.keys(dependencies).sort())
})

test('what the server decides knows nothing of HTTP', () => {
  const pure = ['server/http.ts', 'server/accept-encoding.ts', 'server/response.ts']
  const imports = pure.flatMap(file => importsOf(textOf(file)))
  expect(imports.filter(({ specifier }) => specifier === 'node:http')).toEqual([])
})

describe('rooms', () => {
  test('are what lies at the top of src/', () => {
    expect(readdirSync(path.join(root, 'src')).filter(name => !(name in MAY_IMPORT))).toEqual([])
    expect(readdirSync(path.join(root, 'src')).length).toBeLessThanOrEqual(13)
  })

  test('import only what the table allows, types too', () => {
    expect(sources.length).toBeGreaterThan(150)
    expect(sources.flatMap(file => forbiddenImports(file, textOf(file), RULES))).toEqual([])
  })

  test.each([
    ['base/names.ts', "import { find } from '../finders/finders.ts'"],
    ['base/names.ts', "import type { Finder } from '../finders/finders.ts'"],
    ['hash/hasher.ts', "export type { Options } from '../options/options.ts'"],
    ['server/http.ts', "import { find } from '../finders/finders.ts'"],
    ['server/http.ts', "import { fill } from '../static-root/fill.ts'"],
    ['static-root/fill.ts', "import { type Options, resolve } from '../options/resolve.ts'"],
    ['references/css.ts', "const late = await import('../options/resolve.ts')"],
    ['references/css.ts', "let type: import('../options/options.ts').Options"],
    ['build/pipeline.ts', "import type { Plugin } from 'vite'"],
    ['plugin/state.ts', "import { main } from '../cli/main.ts'"],
    ['finders/collect.ts', "import { createServer } from 'node:http'"],
  ])('%s must not say %s', (file, text) => {
    expect(forbiddenImports(file, text, RULES)).toHaveLength(1)
  })

  test.each([
    ['static-root/fill.ts', "import type { Options } from '../options/options.ts'"],
    ['static-root/fill.ts', "import { type Options } from '../options/options.ts'"],
    ['plugin/state.ts', "import type { Plugin } from 'vite'"],
    ['server/http.ts', "import { INDEX } from '../static-root/index/index-file.ts'"],
    ['hash/hasher.ts', "import { render } from './render.ts'"],
  ])('%s may say %s', (file, text) => {
    expect(forbiddenImports(file, text, RULES)).toEqual([])
  })
})

describe('a circle of imports', () => {
  const lint = (folder: string) =>
    spawnSync(path.join(root, 'node_modules/.bin/biome'), ['lint', 'src'], { cwd: folder, encoding: 'utf8' })

  /** A project with the repository's own rules. */
  async function linted(files: Readonly<Record<string, string>>) {
    const folder = await tree(files)
    cpSync(path.join(root, 'biome.json'), path.join(folder, 'biome.json'))
    spawnSync('git', ['init', '--quiet'], { cwd: folder })
    return lint(folder)
  }

  const LEAF = 'export interface One {\n  readonly name: string\n}\n'

  test('fails the check, even if it is one of types', async () => {
    const { status, stderr } = await linted({
      'src/one.ts': `import type { Two } from './two.ts'\n\nexport interface One {\n  readonly two: Two\n}\n`,
      'src/two.ts': `import type { One } from './one.ts'\n\nexport interface Two {\n  readonly one: One\n}\n`,
    })
    expect(stderr).toContain('noImportCycles')
    expect(status).toBe(1)
  })

  test('is what fails it: the same without one passes', async () => {
    const { status, stderr } = await linted({
      'src/one.ts': LEAF,
      'src/two.ts': `import type { One } from './one.ts'\n\nexport interface Two {\n  readonly one: One\n}\n`,
    })
    expect({ status, stderr }).toMatchObject({ status: 0 })
  })
})

describe('files', () => {
  test('say in their names what they hold', () => {
    expect(sources.filter(file => /(?:^|\/)(?:cache|types|utils?|helpers?)\.ts$/u.test(file))).toEqual([])
  })

  test('called index.ts export, and do nothing else', () => {
    const others = sources
      .filter(file => path.posix.basename(file) === 'index.ts')
      .filter(file => parse(file).statements.some(statement => !ts.isExportDeclaration(statement)))
    expect(others).toEqual([])
  })

  test('have no function of more than 60 lines', () => {
    const long = sources.flatMap(file => functionLengths(file).filter(({ lines }) => lines > 60))
    expect(long).toEqual([])
    const lengths = sources.flatMap(file => functionLengths(file).map(({ lines }) => lines))
    expect(lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThan(10)
  })

  test('have at most 40 lines in the factory of the plugin', () => {
    expect(textOf('plugin/staticfiles.ts').split('\n').length).toBeLessThanOrEqual(40)
  })
})

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true)
}

/** Functions and methods with names, and how long each is. */
function functionLengths(file: string): { name: string; lines: number }[] {
  const source = parse(file)
  const found: { name: string; lines: number }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) {
      const [start, end] = [node.getStart(), node.end].map(
        at => source.getLineAndCharacterOfPosition(at).line,
      )
      found.push({ name: `${file} ${node.name?.getText() ?? 'constructor'}`, lines: end! - start! + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

test.each(['vite', 'vite7', 'vite6', 'rollup'])('the plugin has a type that %s takes', async bundler => {
  const project = await tree({
    'package.json': '{ "type": "module" }',
    'config.ts':
      bundler === 'rollup'
        ? `import type { RollupOptions } from 'rollup'
           import { staticfiles } from 'vite-plugin-staticfiles'
           export const config: RollupOptions = { plugins: [staticfiles({ dirs: ['static'] })] }`
        : `import { defineConfig } from '${bundler}'
           import { staticfiles } from 'vite-plugin-staticfiles'
           export default defineConfig({ plugins: [staticfiles({ dirs: [['prefix', 'folder']], apps: ['polls'] })] })`,
    'wrong.ts': `import { staticfiles } from 'vite-plugin-staticfiles'
                 staticfiles({ dir: ['static'] })`,
  })
  await mkdir(path.join(project, 'node_modules'))
  for (const name of [bundler, '@types']) {
    await symlink(path.join(root, 'node_modules', name), path.join(project, 'node_modules', name))
  }
  await symlink(root, path.join(project, 'node_modules/vite-plugin-staticfiles'))
  const options = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022']
  const tsc = (file: string) =>
    run(path.join(root, 'node_modules/.bin/tsc'), [...options, '--types', 'node', file], { cwd: project })
  await tsc('config.ts')
  await expect(tsc('wrong.ts')).rejects.toMatchObject({
    stdout: expect.stringContaining("'dir' does not exist"),
  })
})
