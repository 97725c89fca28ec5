import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { describeNewestDjango } from '../support/live-django.ts'
import { djangoEnvironment, managePy, project, staticfilesCommand } from '../support/project.ts'
import type { Tree } from '../support/tree.ts'

const VITE = path.resolve(import.meta.dirname, '../../node_modules/vite/bin/vite.js')

const PROJECT: Tree = {
  'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default {
  root: './assets',
  cacheDir: '../.cache',
  plugins: [staticfiles({ dirs: ['.', ['lib', '../lib']], staticRoot: '../out', compress: false })],
}
`,
  'assets/css/site.css': 'p { color: red }',
  'lib/lib.js': 'lib()',
  'elsewhere/': '',
}

/** \`vite build\`, from a folder of the project. */
function viteBuild(cwd: string, args: readonly string[] = [], env = {}): void {
  const { status, stderr } = spawnSync(process.execPath, [VITE, 'build', ...args], {
    ...{ cwd, encoding: 'utf8' as const },
    env: { ...process.env, ...env },
  })
  expect(stderr).not.toContain('rror')
  expect(status).toBe(0)
}

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(name => !/node_modules|\.cache|elsewhere/.test(name))
    .sort()
}

test('commands look where `vite build` looks, if the configuration has a root', async () => {
  const root = await project(PROJECT)
  const found = staticfilesCommand(root, ['find', 'css/site.css', 'lib/lib.js', '--first'])
  expect(found).toMatchObject({ code: 0 })
  expect(found.stdout).toContain('assets/css/site.css')
  const listed = staticfilesCommand(root, ['list', '--json'])
  expect(JSON.parse(listed.stdout).map(({ name }: { name: string }) => name)).toEqual([
    'css/site.css',
    'lib/lib.js',
  ])
  expect(staticfilesCommand(root, ['collect'])).toMatchObject({ code: 0 })
  const ours = filesIn(root)
  expect(ours).toContain('out/css/site.css')
  rmSync(`${root}/out`, { recursive: true })
  viteBuild(root)
  expect(ours).toEqual(filesIn(root))
  expect(staticfilesCommand(root, ['manifest', 'css/site.css']).stdout).toMatch(
    /^css\/site\.[0-9a-f]{12}\.css$/m,
  )
  expect(existsSync(`${root}/.cache`)).toBe(true)
})

test.each([
  ['another folder', 'elsewhere', ['--config', '../vite.config.js'], 'elsewhere/assets'],
  [
    'another folder, with a root',
    'elsewhere',
    ['--config', '../vite.config.js', '--root', '../assets'],
    'assets',
  ],
])('they do so from %s', async (_, cwd, args, where) => {
  const root = await project({
    ...PROJECT,
    'elsewhere/assets/css/site.css': 'q {}',
    'elsewhere/lib/lib.js': '',
  })
  const { stdout, code } = staticfilesCommand(`${root}/${cwd}`, [
    'find',
    'css/site.css',
    '--first',
    '-v',
    '0',
    ...args,
  ])
  expect(code).toBe(0)
  expect(path.resolve(root, cwd, stdout.trim())).toBe(`${root}/${where}/css/site.css`)
})

test('the mode and the log level of the configuration count, unless others are given', async () => {
  const root = await project({
    ...PROJECT,
    'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default {
  mode: 'staging',
  logLevel: 'error',
  plugins: [
    staticfiles({ dirs: ['lib'], compress: false }),
    { name: 'mode', configResolved: ({ mode }) => console.error('mode: ' + mode) },
  ],
}
`,
  })
  expect(staticfilesCommand(root, ['find', 'lib.js'])).toMatchObject({ code: 0, stderr: 'mode: staging\n' })
  expect(staticfilesCommand(root, ['collect'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'mode: staging\n',
  })
  expect(staticfilesCommand(root, ['find', 'lib.js', '--mode', 'test']).stderr).toBe('mode: test\n')
})

describeNewestDjango('relative paths of `django`', django => {
  const DJANGO: Tree = {
    'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { root: 'web', plugins: [staticfiles({ django: { manage: '../backend/manage.py' }, compress: false })] }
`,
    'web/main.js': '',
    'backend/manage.py': managePy('settings'),
    'backend/settings.py': `
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
`,
    'backend/static/site.css': 'a {}',
  }

  test('start at the root of the configuration, for commands too', async () => {
    const root = await project(DJANGO)
    const env = djangoEnvironment(django)
    expect(staticfilesCommand(root, ['collect'], env)).toMatchObject({ code: 0 })
    const ours = readdirSync(`${root}/backend/staticfiles`).sort()
    expect(ours).toContain('site.css')
    rmSync(`${root}/backend/staticfiles`, { recursive: true })
    viteBuild(root, [], env)
    expect(ours).toEqual(expect.arrayContaining(readdirSync(`${root}/backend/staticfiles`)))
  })

  test('may name an environment without a slash', async () => {
    const root = await project({
      ...DJANGO,
      'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { root: 'backend', plugins: [staticfiles({ django: { manage: 'manage.py', python: 'env' } })] }
`,
    })
    const made = spawnSync(django.python, ['-m', 'venv', '--without-pip', `${root}/backend/env`])
    expect(made.status).toBe(0)
    const { stderr, code } = staticfilesCommand(root, ['find', 'site.css'])
    // It has no Django, but it is the one that was started.
    expect(code).toBe(1)
    expect(stderr).toContain(`Python: ${root}/backend/env/bin/python (\`django.python\`)`)
  })
})
