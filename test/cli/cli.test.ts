import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { lockFile } from '../../src/static-root/releases/lock.ts'
import { describeNewestDjango } from '../support/live-django.ts'
import { djangoEnvironment, managePy, project, staticfilesCommand } from '../support/project.ts'
import { addTo, type Tree } from '../support/tree.ts'

const config = (options: string, more = '') => `
import { defineConfig } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
export default defineConfig({ plugins: [[Promise.resolve(staticfiles({ ${options} })), false]], ${more} })
`

const PROJECT: Tree = {
  'vite.config.js': config("dirs: ['static'], apps: ['polls'], compress: false"),
  'static/site.css': 'a { background: url(img/logo.svg) }',
  'static/img/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'static/polls/style.css': 'b {}',
  'polls/static/polls/style.css': 'c {}',
}

const COMMANDS = ['collect', 'find', 'list', 'check', 'manifest', 'report', 'serve', 'prune', 'config']

describe('help', () => {
  test('lists every command, and each has its own', async () => {
    const root = await project({})
    const { stdout, code } = staticfilesCommand(root, ['--help'])
    expect(code).toBe(0)
    for (const name of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
      const help = staticfilesCommand(root, [name, '--help'])
      expect(help).toMatchObject({ code: 0, stderr: '' })
      expect(help.stdout).toContain(`staticfiles ${name}`)
      expect(help.stdout).toContain(
        'Exit codes: 0 done, 1 something is wrong, 2 the command was given wrongly.',
      )
      expect(staticfilesCommand(root, ['help', name]).stdout).toBe(help.stdout)
    }
    expect(staticfilesCommand(root, []).stdout).toBe(stdout)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('shows the version', async () => {
    const root = await project({})
    const { version } = JSON.parse(
      readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'),
    )
    expect(staticfilesCommand(root, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })
})

test.each([
  [['colect'], "there is no command 'colect'; did you mean collect?"],
  [['collect', '--dri-run'], 'has no --dri-run; did you mean --dry-run?'],
  [['collect', 'polls'], "`staticfiles collect` takes no 'polls'"],
  [['find'], 'needs a name: staticfiles find NAME [NAME …]'],
  [['collect', '--verbosity', '7'], "--verbosity is 0, 1, 2 or 3, not '7'"],
  [['collect', '--ignore'], '--ignore'],
  [['prune', '--keep', 'many'], "--keep takes a whole number, not 'many'"],
])('%o is refused with exit code 2', async (args, message) => {
  const { code, stderr, stdout } = staticfilesCommand(await project(PROJECT), args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})

test.each<[string, Tree, string]>([
  ['no project', { 'package.json': '{}' }, 'there is neither a vite.config.* nor a manage.py in '],
  ['no plugin', { 'vite.config.js': 'export default {}' }, 'the Vite configuration does not use this plugin'],
  ['a mistake in it', { 'vite.config.js': config("dirs: 'static'") }, '`dirs` must be a list of folders'],
])('a configuration with %s makes a short error', async (_, files, message) => {
  const { code, stderr } = staticfilesCommand(await project(files), ['list'])
  expect(code).toBe(1)
  expect(stderr).toContain(message)
  expect(stderr).not.toMatch(/^ +at /m)
})

describe('--traceback', () => {
  test.each<[string, Tree, RegExp]>([
    [
      'the line of a configuration that fails',
      {
        'vite.config.js':
          "\nconst fails = () => {\n  throw new Error('not today')\n}\nfails()\nexport default {}",
      },
      /^ +at fails \(.*vite\.config\.js.*\)$/m,
    ],
    [
      'what caused an error of ours',
      { 'vite.config.js': config("dirs: ['static']"), 'staticfiles/staticfiles.json': 'no JSON' },
      /^SyntaxError: [\s\S]*^ +at JSON\.parse /m,
    ],
  ])('shows %s, and nothing more without it', async (_, files, trace) => {
    const root = await project({ 'static/x.txt': '', ...files })
    const plain = staticfilesCommand(root, ['manifest'])
    expect(plain.code).toBe(1)
    expect(plain.stderr).toMatch(/^error: (?:not today|cannot read the manifest .*)$/m)
    expect(plain.stderr).not.toMatch(/^ +at /m)
    const traced = staticfilesCommand(root, ['manifest', '--traceback'])
    expect(traced.code).toBe(1)
    expect(traced.stderr.startsWith(plain.stderr)).toBe(true)
    expect(traced.stderr).toMatch(trace)
    expect(traced.stderr).not.toContain('\u001b[')
  })
})

describe('colours', () => {
  const check = (root: string, args: string[], env = {}) =>
    staticfilesCommand(root, ['list', ...args], env).stdout

  test('are for terminals, unless asked for', async () => {
    const root = await project(PROJECT)
    expect(check(root, [])).not.toContain('\u001b[')
    expect(check(root, [], { CI: '1' })).not.toContain('\u001b[')
    expect(check(root, ['--force-color'])).toContain('\u001b[')
    expect(check(root, [], { FORCE_COLOR: '1' })).toContain('\u001b[')
    expect(check(root, ['--no-color'], { FORCE_COLOR: '1' })).not.toContain('\u001b[')
  })
})

describe('find', () => {
  test('shows the winner first, and says what there is no file for', async () => {
    const root = await project(PROJECT)
    const both = `Found 'polls/style.css' here:\n  ${root}/static/polls/style.css\n  ${root}/polls/static/polls/style.css\n`
    expect(staticfilesCommand(root, ['find', 'polls/style.css'])).toEqual({
      code: 0,
      stdout: both,
      stderr: '',
    })
    expect(staticfilesCommand(root, ['find', 'polls/style.css', '--first', '-v', '0']).stdout).toBe(
      `${root}/static/polls/style.css\n`,
    )
    const missing = staticfilesCommand(root, ['find', 'site.cs', '-v', '2'])
    expect(missing).toMatchObject({ code: 1, stdout: '' })
    expect(missing.stderr).toBe(
      "No matching file found for 'site.cs'. Did you mean site.css?\n" +
        `Looking in the following locations:\n  ${root}/static\n  ${root}/polls/static\n`,
    )
  })
})

describe('list', () => {
  test('names sources and what they hide', async () => {
    const root = await project(PROJECT)
    expect(staticfilesCommand(root, ['list']).stdout).toBe(
      'img/logo.svg  static/img/logo.svg\n' +
        'polls/style.css  static/polls/style.css\n    hides polls/static/polls/style.css\n' +
        'site.css  static/site.css\n',
    )
    const rows = JSON.parse(staticfilesCommand(root, ['list', '--json']).stdout)
    expect(rows[1]).toEqual({
      name: 'polls/style.css',
      source: `${root}/static/polls/style.css`,
      entry: false,
      hides: [{ source: `${root}/polls/static/polls/style.css`, identical: false }],
    })
  })
})

describe('check', () => {
  const BROKEN: Tree = {
    ...PROJECT,
    'vite.config.js': config("dirs: ['static', 'nowhere'], apps: ['polls']"),
    'static/broken.css': 'a { background: url(img/lgo.svg) }',
    'templates/page.html': "{% load static %}\n{% static 'sit.css' %}",
  }

  test('is content with a project that has no errors', async () => {
    const root = await project(PROJECT)
    const { code, stdout } = staticfilesCommand(root, ['check'])
    expect(stdout).toContain(
      'warning static/polls/style.css\n    polls/style.css hides polls/static/polls/style.css',
    )
    expect(stdout).toContain('✓ 3 files checked: 0 errors, 1 warning')
    expect(code).toBe(0)
  })

  test('reports everything that is wrong at once, and writes nothing', async () => {
    const root = await project(BROKEN)
    const { code, stdout } = staticfilesCommand(root, ['check'])
    expect(stdout).toContain(`warning \`dirs\`: the folder ${root}/nowhere does not exist`)
    expect(stdout).toContain(
      'error static/broken.css:1:17\n    img/lgo.svg: no file is named img/lgo.svg; did you mean img/logo.svg?',
    )
    expect(stdout).toContain(
      'error templates/page.html:2:1\n    sit.css: no file is named sit.css; did you mean site.css?',
    )
    expect(stdout).toContain('✗ 4 files checked: 2 errors, 2 warnings')
    expect(code).toBe(1)
    expect(existsSync(`${root}/staticfiles`)).toBe(false)
  })

  test('says the same as JSON', async () => {
    const root = await project(BROKEN)
    const { code, stdout } = staticfilesCommand(root, ['check', '--json'])
    const { files, problems } = JSON.parse(stdout)
    expect(files).toBe(4)
    expect(problems.map((each: { kind: string; severity: string }) => [each.kind, each.severity])).toEqual([
      ['settings', 'warning'],
      ['conflict', 'warning'],
      ['reference', 'error'],
      ['template', 'error'],
    ])
    expect(problems[2]).toMatchObject({ source: `${root}/static/broken.css`, line: 1, column: 17 })
    expect(code).toBe(1)
  })

  test('follows `strict` and `conflicts`', async () => {
    const lenient = await project({ ...BROKEN, 'vite.config.js': config("dirs: ['static'], strict: false") })
    expect(staticfilesCommand(lenient, ['check'])).toMatchObject({ code: 0 })
    const strict = await project({
      ...PROJECT,
      'vite.config.js': config("dirs: ['static'], apps: ['polls'], conflicts: 'error'"),
    })
    expect(staticfilesCommand(strict, ['check']).stdout).toContain('error static/polls/style.css')
  })

  test('keeps long lists short', async () => {
    const many = Array.from({ length: 30 }, (_, index) => `a { background: url(none${index}.png) }`).join(
      '\n',
    )
    const root = await project({ ...PROJECT, 'static/many.css': many })
    const { stdout } = staticfilesCommand(root, ['check'])
    expect(stdout).toContain('… and 20 more: `staticfiles check --json` lists all')
    expect(stdout.split('\n').length).toBeLessThan(40)
    const build = staticfilesCommand(root, ['collect'])
    expect(build.code).toBe(1)
    expect(build.stderr).toMatch(/… and \d+ more lines; `staticfiles check --json` lists everything/)
    expect(build.stderr).toContain('Searched: ')
  })
})

describe('collect and manifest', () => {
  test('build with the same configuration as `vite build`, entries included', async () => {
    const root = await project({
      ...PROJECT,
      'vite.config.js': config("dirs: ['static'], entries: ['app.ts'], compress: false"),
      'static/app.ts': 'const text: string = "hello"; console.log(text)',
    })
    const { code, stdout } = staticfilesCommand(root, ['collect', '--noinput'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/✓ 3 static files collected, 1 file bundled/)
    const hashed = staticfilesCommand(root, ['manifest', 'app.ts']).stdout.trim()
    expect(hashed).toMatch(/^app\.[0-9a-f]{12}\.js$/)
    expect(readFileSync(`${root}/staticfiles/${hashed}`, 'utf8')).toContain('hello')
    const all = JSON.parse(staticfilesCommand(root, ['manifest', '--json']).stdout)
    expect(all).toEqual(JSON.parse(readFileSync(`${root}/staticfiles/staticfiles.json`, 'utf8')).paths)
    const missing = staticfilesCommand(root, ['manifest', 'ap.ts'])
    expect(missing.code).toBe(1)
    expect(missing.stderr).toContain("did you mean 'app.ts'")
  })

  test('lists each file, or nothing, as asked', async () => {
    const root = await project(PROJECT)
    expect(staticfilesCommand(root, ['collect', '-v', '2']).stdout).toMatch(
      /^site\.[0-9a-f]{12}\.css {2}static\/site\.css$/m,
    )
    expect(staticfilesCommand(root, ['collect', '-v', '0'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('leave what is there, unless the configuration or --clear empties it', async () => {
    const root = await project({ ...PROJECT, 'staticfiles/old.txt': 'old' })
    staticfilesCommand(root, ['collect'])
    expect(existsSync(`${root}/staticfiles/old.txt`)).toBe(true)
    staticfilesCommand(root, ['collect', '--clear', '--dry-run'])
    expect(existsSync(`${root}/staticfiles/old.txt`)).toBe(true)
    staticfilesCommand(root, ['collect', '--clear'])
    expect(existsSync(`${root}/staticfiles/old.txt`)).toBe(false)
    writeFileSync(`${root}/staticfiles/old.txt`, '')
    writeFileSync(`${root}/vite.config.js`, config("dirs: ['static']", 'build: { emptyOutDir: true }'))
    staticfilesCommand(root, ['collect'])
    expect(existsSync(`${root}/staticfiles/old.txt`)).toBe(false)
  })
})

describe('a signal that ends `collect`', () => {
  /** Sends a signal in the middle of a build: while files are written, or before the manifest is renamed. */
  const interrupted = (signal: string, name: string): Tree => ({
    'vite.config.js': `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { renameSync, promises: { rename } } = fs
fs.renameSync = (from, to) => {
  if (to.endsWith('/${name}')) process.kill(process.pid, '${signal}')
  renameSync(from, to)
}
fs.promises.rename = (from, to) => {
  if (!to.endsWith('/${name}')) return rename(from, to)
  process.kill(process.pid, '${signal}')
  return new Promise(() => setTimeout(() => {}, 60_000))
}
syncBuiltinESMExports()
${config("dirs: ['static']")}`,
  })

  test.each([
    ['SIGINT', 130, 'site.css'],
    ['SIGINT', 130, 'staticfiles.json'],
    ['SIGTERM', 143, 'staticfiles.json'],
  ])(
    '(%s: exit code %i) leaves no lock, no temporary file, and the manifest of before',
    async (signal, code, name) => {
      const root = await project({ ...PROJECT, 'vite.config.js': config("dirs: ['static']") })
      staticfilesCommand(root, ['collect'])
      const before = readFileSync(`${root}/staticfiles/staticfiles.json`, 'utf8')
      const hashed: string[] = Object.values(JSON.parse(before).paths)
      await addTo(root, { 'static/site.css': 'z {}'.repeat(500), ...interrupted(signal, name) })
      expect(staticfilesCommand(root, ['collect'])).toMatchObject({ code, stderr: '' })
      expect(existsSync(lockFile(`${root}/staticfiles`))).toBe(false)
      const left = readdirSync(`${root}/staticfiles`, { recursive: true, encoding: 'utf8' })
      expect(left.filter(file => file.endsWith('.tmp'))).toEqual([])
      expect(readFileSync(`${root}/staticfiles/staticfiles.json`, 'utf8')).toBe(before)
      expect(hashed.filter(file => !left.includes(file))).toEqual([])
      await addTo(root, { 'vite.config.js': config("dirs: ['static']") })
      expect(staticfilesCommand(root, ['collect'])).toMatchObject({ code: 0, stderr: '' })
      expect(readFileSync(`${root}/staticfiles/site.css`, 'utf8')).toContain('z')
    },
  )
})

describeNewestDjango('a project without a Vite configuration', django => {
  test('is collected as Django says, with the settings that are given', async () => {
    const settings = (root: string) => `
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "${root}"
STATICFILES_DIRS = [BASE_DIR / "static"]
INSTALLED_APPS = ["django.contrib.staticfiles"]
`
    const root = await project({
      'manage.py': managePy('one'),
      'one.py': settings('first'),
      'elsewhere/two.py': settings('second').replace('__file__).parent', '__file__).parent.parent'),
      'static/x.txt': 'x',
    })
    const env = djangoEnvironment(django)
    expect(staticfilesCommand(root, ['collect'], env)).toMatchObject({ code: 0 })
    expect(readFileSync(`${root}/first/x.txt`, 'utf8')).toBe('x')
    const flags = ['--settings', 'two', '--pythonpath', 'elsewhere']
    expect(staticfilesCommand(root, ['collect', ...flags], env)).toMatchObject({ code: 0 })
    expect(readFileSync(`${root}/second/x.txt`, 'utf8')).toBe('x')
    await addTo(root, { 'vite.config.js': config("django: 'manage.py', staticUrl: '/other/'") })
    const checked = staticfilesCommand(root, ['check'], env)
    expect(checked.stdout).toContain(
      "warning `staticUrl` is '/other/', but Django's STATIC_URL is '/static/'",
    )
    const wrong = staticfilesCommand(root, ['list', '--settings', 'three'], env)
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain("ModuleNotFoundError: No module named 'three'")
  })
})
