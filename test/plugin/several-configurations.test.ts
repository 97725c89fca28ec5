import path from 'node:path'
import { rollup } from 'rollup'
import { build, type LogErrorOptions } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { staticfiles } from 'vite-plugin-staticfiles'
import { expect, test } from 'vitest'
import { filesOf } from '../support/files-of.ts'
import { brokenKeys, manifestOf } from '../support/static-root.ts'
import { tree } from '../support/tree.ts'

async function warningsOf(root: string, entries: string[], emptyOutDir: boolean): Promise<string[]> {
  const warnings: string[] = []
  const log = () => {}
  const options: Options = { dirs: ['static'], entries, compress: false }
  await build({
    ...{ root, configFile: false, publicDir: false, plugins: [staticfiles(options)] },
    build: { outDir: path.join(root, 'staticfiles'), emptyOutDir },
    customLogger: {
      ...{ info: log, clearScreen: log, hasWarned: false, hasErrorLogged: () => false },
      warn: (message: string) => warnings.push(message),
      warnOnce: (message: string) => warnings.push(message),
      error: (message: string, _options?: LogErrorOptions) => warnings.push(message),
    },
  })
  return warnings
}

test.each([true, false])(
  'a configuration that drops the entries of another says so; emptyOutDir: %s',
  async empty => {
    const root = await tree({
      'static/one.ts': `console.log('one')`,
      'static/two.ts': `import './three'; console.log('two')`,
      'static/three.ts': `console.log('three')`,
    })
    expect(await warningsOf(root, ['one.ts', 'three.ts'], empty)).toEqual([])
    const warnings = (await warningsOf(root, ['two.ts'], empty)).join('\n')
    expect(warnings).toContain(
      'the last build of this folder had entries that this one does not have: one.ts\n',
    )
    expect(await warningsOf(root, ['two.ts'], empty)).toEqual([])
    expect(await warningsOf(root, ['one.ts', 'two.ts'], empty)).toEqual([])
  },
)

test.each([
  ['a list', ['src/a/index.js', 'src/b/index.js']],
  ['an object', { a: 'src/a/index.js', b: 'src/b/index.js' }],
  ['a string', 'src/a/index.js'],
])("with Rollup alone the user's input stays: %s", async (_what, names) => {
  const root = await tree({
    'src/a/index.js': `console.log('page A')`,
    'src/b/index.js': `console.log('page B')`,
    'static/app.js': `console.log('app')`,
  })
  const at = (name: string) => path.join(root, name)
  const input =
    typeof names === 'string'
      ? at(names)
      : Array.isArray(names)
        ? names.map(at)
        : { a: at(names.a), b: at(names.b) }
  const out = path.join(root, 'staticfiles')
  const options: Options = {
    dirs: [path.join(root, 'static')],
    entries: ['app.js'],
    compress: false,
    staticRoot: out,
  }
  const bundle = await rollup({ input, onLog: () => {}, plugins: staticfiles(options) })
  await bundle.write({})
  expect(brokenKeys(out)).toEqual([])
  expect(manifestOf(out)['app.js']).toMatch(/^app\.[0-9a-f]{12}\.js$/)
  const others = filesOf(out).filter(file => file.startsWith('assets/'))
  expect(others.length).toBe(typeof names === 'string' ? 1 : 2)
})
