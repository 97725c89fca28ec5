import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import * as built from 'vite-plugin-staticfiles'
import * as server from 'vite-plugin-staticfiles/server'
import { describe, expect, test } from 'vitest'
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

describe('the sources', () => {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const sources = files.filter(file => file.endsWith('.ts')).map(file => file.replaceAll(path.sep, '/'))

  test('outside the adapters import neither a bundler nor HTTP', () => {
    const core = sources.filter(file => !/^(?:plugin|cli)\//.test(file) && file !== 'index.ts')
    expect(core.length).toBeGreaterThan(20)
    const offenders = core.filter(file => {
      const refused = /^serve(?:r)?\//.test(file)
        ? /^(?:vite|rollup|rolldown)$/
        : /^(?:vite|rollup|rolldown|node:https?2?)$/
      return importsOf(file).some(name => refused.test(name))
    })
    expect(offenders).toEqual([])
    const pure = ['server/http.ts', 'server/accept-encoding.ts', 'server/response.ts']
    expect(pure.flatMap(importsOf).filter(name => name === 'node:http')).toEqual([])
  })

  test('outside the adapters do not import the adapters', () => {
    const core = sources.filter(file => !/^(?:plugin|cli)\//.test(file) && file !== 'index.ts')
    expect(core.filter(file => importsOf(file).some(name => name.includes('plugin/')))).toEqual([])
  })

  test('import only declared dependencies', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
    const bare = new Set(
      sources
        .filter(file => !file.startsWith('report-page/'))
        .flatMap(importsOf)
        .filter(name => !/^(?:\.|node:)/.test(name)),
    )
    const packages = new Set([...bare].map(name => name.match(/^(?:@[^/]+\/)?[^/]+/)![0]))
    // Types of Vite are erased.
    packages.delete('vite')
    expect([...packages].sort()).toEqual(Object.keys(dependencies).sort())
  })

  function importsOf(file: string): string[] {
    const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, 'src', file), 'utf8'))
    return importedFiles.map(each => each.fileName)
  }
})

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
