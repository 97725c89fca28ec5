import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { vites } from '../support/bundlers.ts'
import { project, staticfilesCommand } from '../support/project.ts'
import { manifestOf } from '../support/static-root.ts'
import type { Tree } from '../support/tree.ts'

const OPTIONS = `{ dirs: ['static'], templates: ['templates'], compress: false, entries: ['app.js'] }`

const PROJECT: Tree = {
  'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { publicDir: false, build: { outDir: 'staticfiles' }, plugins: [staticfiles(${OPTIONS})] }
`,
  'static/app.js': `import './app.css'; import('./lazy.js'); console.log('app')`,
  'static/app.css': '.app { background: url(x.svg) }',
  'static/lazy.js': `import './lazy.css'; console.log('lazy')`,
  'static/lazy.css': '.lazy { color: red }',
  'static/x.svg': `<svg>${'x'.repeat(5000)}</svg>`,
  'static/demo.html': '<img src="gone.png">',
  'templates/page.html': `{% load static %}{% static 'app.js' %} {% static 'app.css' %}`,
}

async function built(): Promise<{ root: string; file: (name: string) => string }> {
  const root = await project(PROJECT)
  const given = { dirs: ['static'], templates: ['templates'], compress: false as const, entries: ['app.js'] }
  const out = await vites['Vite 8']!(root, given, { publicDir: false })
  return { root, file: name => path.join(out, manifestOf(out)[name]!) }
}

test('a build that is whole has no problems, whatever collected pages name', async () => {
  const { root } = await built()
  const { code, stdout } = staticfilesCommand(root, ['check', '--built'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/files? checked: 0 errors, 0 warnings/)])
})

test('what is not there is found: a key, a reference of CSS, of a script, and what comes later', async () => {
  const { root, file } = await built()
  rmSync(file('lazy.js'))
  rmSync(file('x.svg'))
  appendFileSync(file('app.css'), '\n.b { background: url("y.svg") }')
  const { code, stdout } = staticfilesCommand(root, ['check', '--built', '--json'])
  expect(code).toBe(1)
  const messages = JSON.parse(stdout).problems.map(({ message }: { message: string }) => message)
  expect(messages).toContainEqual(
    expect.stringMatching(/^lazy\.js leads to .*lazy\.[0-9a-f]{12}\.js, which does not exist$/),
  )
  expect(messages).toContainEqual(expect.stringMatching(/^x\.svg leads to /))
  expect(messages).toContainEqual(
    expect.stringMatching(/^\S*x\.[0-9a-f]{12}\.svg: the static root has no such file$/),
  )
  expect(messages).toContainEqual('y.svg: the static root has no such file')
  expect(messages).toContainEqual(
    expect.stringMatching(/^\.\/lazy\.[0-9a-f]{12}\.js: the static root has no such file$/),
  )
})

test('an entry and a name in a template that came after the build are found', async () => {
  const { root } = await built()
  writeFileSync(path.join(root, 'static/new.js'), '')
  writeFileSync(
    path.join(root, 'vite.config.js'),
    (PROJECT['vite.config.js'] as string).replace(`'app.js']`, `'app.js', 'new.js']`),
  )
  writeFileSync(path.join(root, 'templates/page.html'), `{% load static %}{% static 'new.css' %}`)
  const { code, stdout } = staticfilesCommand(root, ['check', '--built'])
  expect(code).toBe(1)
  expect(stdout).toContain('the manifest has no entry new.js')
  expect(stdout).toContain('new.css: no file is named new.css')
})

test('without a build there is an error', async () => {
  const { code, stderr, stdout } = staticfilesCommand(await project(PROJECT), ['check', '--built'])
  expect(code).toBe(1)
  expect(stderr + stdout).toContain('staticfiles.json')
})
