import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, createLogger, type InlineConfig } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { staticfiles } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { bundlers } from '../support/bundlers.ts'
import { describeNewestDjango } from '../support/live-django.ts'
import { djangoEnvironment, managePy, project, staticfilesCommand } from '../support/project.ts'
import { addTo, type Tree, tree } from '../support/tree.ts'

const FILES: Tree = { 'static/site.css': 'a {}', 'static/site.js': 'site()' }

/** Builds, and returns what was told. */
async function buildIn(
  root: string,
  options: Options = {},
  config: InlineConfig['build'] = {},
): Promise<string> {
  const told: string[] = []
  const customLogger = createLogger('silent')
  customLogger.warn = customLogger.warnOnce = message => void told.push(message)
  const plugins = [staticfiles({ dirs: ['static'], compress: false, ...options })]
  await build({ root, configFile: false, logLevel: 'warn', customLogger, build: config, plugins })
  return told.join('\n')
}

/** All but what Vite's cache holds. */
function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter(name => !/\.vite|node_modules/.test(name)).sort()
}

const NOT_EMPTIED = 'is not emptied, because it held files before the first build'

describe('a folder that no build has filled', () => {
  const OTHERS: Tree = { ...FILES, 'staticfiles/mine.txt': 'mine', 'staticfiles/more/work.txt': 'work' }

  test('is not emptied, by the next build neither, and the message says so', async () => {
    const root = await tree(OTHERS)
    for (const round of [1, 2, 3]) {
      const told = await buildIn(root)
      expect(told, `build ${round}`).toContain(`${root}/staticfiles ${NOT_EMPTIED}`)
      expect(told).toContain('`vite build --emptyOutDir`, or `staticfiles collect --clear`')
      expect(readFileSync(`${root}/staticfiles/mine.txt`, 'utf8')).toBe('mine')
      expect(existsSync(`${root}/staticfiles/more/work.txt`)).toBe(true)
      expect(existsSync(`${root}/staticfiles/site.css`)).toBe(true)
    }
  })

  test('is emptied when that is asked for, and is a folder of builds from then on', async () => {
    const root = await tree(OTHERS)
    await buildIn(root)
    expect(await buildIn(root, {}, { emptyOutDir: true })).not.toContain(NOT_EMPTIED)
    expect(existsSync(`${root}/staticfiles/mine.txt`)).toBe(false)
    writeFileSync(`${root}/staticfiles/stale.css`, 'of the build before')
    expect(await buildIn(root)).not.toContain(NOT_EMPTIED)
    expect(existsSync(`${root}/staticfiles/stale.css`)).toBe(false)
  })

  test('is kept without a word when that is asked for, and not emptied by a later build', async () => {
    const root = await tree(OTHERS)
    expect(await buildIn(root, {}, { emptyOutDir: false })).not.toContain(NOT_EMPTIED)
    expect(await buildIn(root)).toContain(NOT_EMPTIED)
    expect(existsSync(`${root}/staticfiles/mine.txt`)).toBe(true)
  })

  test('is one also if names carry no hash', async () => {
    const root = await tree(OTHERS)
    await buildIn(root, { hash: false })
    await buildIn(root, { hash: false })
    expect(existsSync(`${root}/staticfiles/mine.txt`)).toBe(true)
  })

  test('a dry run touches nothing', async () => {
    const root = await tree(OTHERS)
    await buildIn(root, { dryRun: true }, { emptyOutDir: true })
    expect(readdirSync(`${root}/staticfiles`).sort()).toEqual(['mine.txt', 'more'])
  })
})

describe('a folder is emptied as Vite does', () => {
  test.each<[string, Tree, Options]>([
    ['if it is empty but for what keeps it in a repository', { 'staticfiles/.gitkeep': '' }, {}],
    [
      'if Django’s manifest is there: `collectstatic` has filled it',
      { 'staticfiles/staticfiles.json': '{"version": "1.1", "paths": {"a.css": "a.1.css"}, "hash": "x"}' },
      {},
    ],
    [
      'if the manifest of another name is there',
      { 'staticfiles/names.json': '{"version": "1.1", "paths": {}, "hash": "x"}' },
      { manifest: 'names.json' },
    ],
  ])('%s', async (_, files, options) => {
    const root = await tree({ ...FILES, ...files })
    if (!('staticfiles/.gitkeep' in files)) writeFileSync(`${root}/staticfiles/stale.css`, '')
    expect(await buildIn(root, options)).not.toContain(NOT_EMPTIED)
    expect(existsSync(`${root}/staticfiles/stale.css`)).toBe(false)
    expect(existsSync(`${root}/staticfiles/site.css`)).toBe(true)
  })

  test.each([true, false] as const)('if a build with `hash: %j` broke off while it filled it', async hash => {
    const root = await tree(FILES)
    const broken = {
      name: 'broken',
      writeBundle: { order: 'pre' as const, handler: () => Promise.reject(new Error('no')) },
    }
    const plugins = [
      broken,
      staticfiles({ dirs: ['static'], compress: false, hash, entries: ['static/site.js'] }),
    ]
    await expect(build({ root, configFile: false, logLevel: 'silent', plugins })).rejects.toThrow('no')
    expect(readdirSync(`${root}/staticfiles`).length).toBeGreaterThan(1)
    writeFileSync(`${root}/staticfiles/stale.css`, '')
    expect(await buildIn(root, { hash })).not.toContain(NOT_EMPTIED)
    expect(existsSync(`${root}/staticfiles/stale.css`)).toBe(false)
    expect(existsSync(`${root}/staticfiles/site.css`)).toBe(true)
  })

  test.each([true, false, 'query'] as const)('if a build has filled it with `hash: %j`', async hash => {
    const root = await tree(FILES)
    await buildIn(root, { hash })
    writeFileSync(`${root}/staticfiles/stale.css`, '')
    expect(await buildIn(root, { hash })).not.toContain(NOT_EMPTIED)
    expect(existsSync(`${root}/staticfiles/stale.css`)).toBe(false)
  })
})

describe('a folder with sources is never emptied, not even when that is asked for:', () => {
  const PROJECT: Tree = {
    ...FILES,
    'web/entry.ts': 'export {}',
    'web/templates/page.html': '',
    'web/deep/.git/HEAD': '',
    'web/other/project/manage.py': '',
    'web/built.txt': '',
  }

  test.each<[string, string, Options, string]>([
    ['Vite’s root', '.', {}, "it is ROOT, Vite's root"],
    ['the folder above Vite’s root', '..', {}, "it holds ROOT, Vite's root"],
    ['one with an entry', 'web', { entries: ['web/entry.ts'] }, 'it holds ROOT/web/entry.ts, an entry'],
    [
      'one with templates',
      'web',
      { templates: ['web/templates'] },
      'it holds ROOT/web/templates, a folder of templates',
    ],
    ['one with a repository below it', 'web/deep', {}, 'it holds ROOT/web/deep/.git, a part of a project'],
    [
      'one with another project',
      'web/other',
      {},
      'it holds ROOT/web/other/project/manage.py, a part of a project',
    ],
  ])('%s', async (_, staticRoot, options, reason) => {
    const folder = await tree(
      Object.fromEntries(Object.entries(PROJECT).map(([name, text]) => [`site/${name}`, text])),
    )
    const root = `${folder}/site`
    const before = filesIn(folder)
    const dirs = staticRoot === '.' || staticRoot === '..' ? [] : ['static']
    const error = await buildIn(root, { ...options, dirs, staticRoot }, { emptyOutDir: true }).catch(
      each => each,
    )
    expect(String(error.message).replaceAll(root, 'ROOT')).toContain(
      `the static root ${path.resolve(root, staticRoot).replaceAll(root, 'ROOT')} must not be emptied: `,
    )
    expect(String(error.message).replaceAll(root, 'ROOT')).toContain(reason.replace('it is ROOT, ', 'it is '))
    expect(filesIn(folder)).toEqual(before)
  })

  test('an input of the bundler counts, of whatever form it is', async () => {
    const root = await tree({ ...PROJECT, 'w/stale.txt': '' })
    for (const input of ['web/entry.ts', ['web/entry.ts'], { entry: 'web/entry.ts' }]) {
      const built = (staticRoot: string) =>
        buildIn(root, { staticRoot }, { emptyOutDir: true, rollupOptions: { input } })
      await expect(built('web')).rejects.toThrow(`it holds ${root}/web/entry.ts, an input of the bundler`)
      // Named as the first letter of the input.
      await built('w')
      expect(existsSync(`${root}/w/staticfiles.json`)).toBe(true)
    }
  })

  test('but a folder of Vite’s own files is', async () => {
    const root = await tree(PROJECT)
    await buildIn(root, { staticRoot: 'out' }, { emptyOutDir: true })
    expect(existsSync(`${root}/out/site.css`)).toBe(true)
  })
})

test.each(Object.keys(bundlers))(
  '%s keeps a folder with sources, and one with other files',
  async bundler => {
    const root = await tree({
      ...FILES,
      'web/main.js': 'main()',
      'web/deep/templates/x.html': '',
      'out/mine.txt': '',
    })
    const run = (options: Options, config: InlineConfig) =>
      bundlers[bundler]!(root, { compress: false, ...options }, config)
    await run({ dirs: ['static'], staticRoot: 'out' }, {})
    await run({ dirs: ['static'], staticRoot: 'out' }, {})
    expect(existsSync(`${root}/out/mine.txt`)).toBe(true)
    expect(existsSync(`${root}/out/site.css`)).toBe(true)
    const options: Options = { dirs: ['static'], templates: ['web/deep/templates'], staticRoot: 'web' }
    const error = await run(options, { build: { emptyOutDir: true } }).catch(each => each)
    // Rollup alone empties nothing.
    if (bundler !== 'Rollup 4') expect(error.message).toContain('must not be emptied')
    expect(readFileSync(`${root}/web/main.js`, 'utf8')).toBe('main()')
  },
)

test.each(['', undefined])('`staticRoot: %j` is as if it were not given', async staticRoot => {
  const root = await tree(FILES)
  await buildIn(root, { staticRoot } as Options, { outDir: '' })
  expect(existsSync(`${root}/staticfiles/site.css`)).toBe(true)
  expect(existsSync(`${root}/site.css`)).toBe(false)
})

describeNewestDjango('STATIC_ROOT', django => {
  const SETTINGS = `
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
`
  const STORAGE = `
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.files.storage import Storage

class Bucket(ManifestFilesMixin, Storage):
    """As those of django-storages: its location is the start of keys, and its manifest is read over the network."""
    location = "assets"
    base_url = "https://cdn.example.com/assets/"
    def __init__(self, **options):
        raise RuntimeError("the network is used")
`
  const PROJECT: Tree = {
    ...FILES,
    'manage.py': managePy('settings'),
    'bucket.py': STORAGE,
    'assets/drawing.txt': 'a source that only lies here',
    'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ django: 'manage.py', compress: false })] }
`,
  }

  const env = djangoEnvironment(django)

  async function projectWith(settings: string) {
    const root = await project({ ...PROJECT, 'settings.py': `${SETTINGS}\n${settings}\n` })
    return { root, run: (...args: string[]) => staticfilesCommand(root, args, env) }
  }

  test.each(['""', 'None', 'b""'])('is not set if it is %s', async value => {
    const { root, run } = await projectWith(`STATIC_ROOT = ${value}`)
    const before = filesIn(root)
    for (const args of [[], ['--clear']]) {
      const { code, stderr } = run('collect', ...args)
      expect(stderr).toContain('STATIC_ROOT is not set in settings, so there is no folder to fill')
      expect(code).toBe(1)
    }
    expect(filesIn(root)).toEqual(before)
  })

  test.each(['BASE_DIR', 'BASE_DIR.parent', '"."'])('is not emptied if it is %s', async value => {
    const { root, run } = await projectWith(`STATIC_ROOT = ${value}; STATICFILES_DIRS = []`)
    const { code, stderr } = run('collect', '--clear')
    expect(stderr).toContain('must not be emptied')
    expect(code).toBe(1)
    expect(existsSync(`${root}/manage.py`) && existsSync(`${root}/assets/drawing.txt`)).toBe(true)
  })

  const BUCKET = 'STORAGES = {"staticfiles": {"BACKEND": "bucket.Bucket", "OPTIONS": {"location": "assets"}}}'

  test('is what a build fills, and not the prefix in a bucket', async () => {
    const { root, run } = await projectWith(BUCKET)
    const { code, stdout, stderr } = run('collect', '--clear')
    expect(code).toBe(0)
    expect(readdirSync(`${root}/assets`)).toEqual(['drawing.txt'])
    expect(readdirSync(`${root}/staticfiles`)).toContain('site.css')
    expect(readdirSync(`${root}/staticfiles`)).toContain('staticfiles.json')
    const lines = `${stdout}${stderr}`.split('\n').filter(line => line.includes('bucket.Bucket'))
    expect(lines).toEqual([
      expect.stringContaining(
        'STORAGES["staticfiles"] is bucket.Bucket, which does not keep files in a folder: a build fills STATIC_ROOT and uploads nothing',
      ),
    ])
    rmSync(`${root}/staticfiles`, { recursive: true })
    const linked = run('collect', '--link')
    expect(linked.code).toBe(1)
    expect(linked.stderr).toContain('nothing can be linked into it')
    expect(existsSync(`${root}/staticfiles`)).toBe(false)
  })

  test('is emptied also if the settings read the manifest in it', async () => {
    const { root, run } = await projectWith(
      'import json\ntry:\n    VERSION = json.loads((STATIC_ROOT / "staticfiles.json").read_text())["hash"]\nexcept OSError: pass',
    )
    for (const _ of [1, 2]) expect(run('collect', '--clear')).toMatchObject({ code: 0 })
    expect(existsSync(`${root}/staticfiles/site.css`)).toBe(true)
  })

  test.each([
    ['MEDIA_ROOT', 'MEDIA_ROOT = STATIC_ROOT / "media"', 'media/upload.txt', 'media'],
    [
      'DATABASES',
      'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": STATIC_ROOT / "db"}}',
      'db',
      'db',
    ],
  ])('is not emptied if it holds what %s names', async (setting, settings, file, part) => {
    const { root, run } = await projectWith(settings)
    expect(run('collect')).toMatchObject({ code: 0 })
    await addTo(root, { [`staticfiles/${file}`]: 'uploaded' })
    const { code, stderr } = run('collect', '--clear')
    expect(stderr).toContain(`it holds ${root}/staticfiles/${part}, which ${setting} names`)
    expect(code).toBe(1)
    expect(readFileSync(`${root}/staticfiles/${file}`, 'utf8')).toBe('uploaded')
    expect(run('collect')).toMatchObject({ code: 0 })
    expect(existsSync(`${root}/staticfiles/${file}`)).toBe(true)
  })

  test('is not emptied if it holds the settings', async () => {
    const { root, run } = await projectWith('STATIC_ROOT = BASE_DIR / "config"')
    cpSync(`${root}/settings.py`, `${root}/config/base.py`)
    writeFileSync(
      `${root}/settings.py`,
      'from config.base import *\nBASE_DIR = BASE_DIR.parent\nSTATIC_ROOT = BASE_DIR / "config"\n',
    )
    writeFileSync(
      `${root}/config/base.py`,
      readFileSync(`${root}/config/base.py`, 'utf8').replace('[BASE_DIR', '[BASE_DIR.parent'),
    )
    const { code, stderr } = run('collect', '--clear')
    expect(stderr).toContain(`it holds ${root}/config/base.py, a file of Django's settings`)
    expect(code).toBe(1)
    expect(existsSync(`${root}/config/base.py`)).toBe(true)
  })

  test('of `collectstatic` without a manifest is emptied by --clear alone', async () => {
    const { root, run } = await projectWith('')
    cpSync(`${root}/static`, `${root}/staticfiles`, { recursive: true })
    writeFileSync(`${root}/staticfiles/old.css`, '')
    run('collect')
    expect(existsSync(`${root}/staticfiles/old.css`)).toBe(true)
    expect(run('collect', '--clear').code).toBe(0)
    expect(existsSync(`${root}/staticfiles/old.css`)).toBe(false)
  })
})
