import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import * as built from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { tree } from './setup/tree.ts'

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

test('the built types export exactly the public names', () => {
  const file = path.join(root, 'dist/index.d.mts')
  const program = ts.createProgram([file], { skipLibCheck: true })
  const symbol = program.getTypeChecker().getSymbolAtLocation(program.getSourceFile(file)!)!
  const names = program
    .getTypeChecker()
    .getExportsOfModule(symbol)
    .map(each => each.name)
  expect(names.sort()).toEqual([
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

describe('the sources', () => {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const sources = files.filter(file => file.endsWith('.ts')).map(file => file.replaceAll(path.sep, '/'))

  test('outside the adapters import neither a bundler nor HTTP', () => {
    const core = sources.filter(file => !/^(?:plugin|cli)\//.test(file) && file !== 'index.ts')
    expect(core.length).toBeGreaterThan(20)
    const offenders = core.filter(file =>
      importsOf(file).some(name => /^(?:vite|rollup|rolldown|node:https?2?)$/.test(name)),
    )
    expect(offenders).toEqual([])
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
