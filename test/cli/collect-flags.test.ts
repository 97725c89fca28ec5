import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, realpathSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { describeEachDjango, type LiveDjango } from '../support/live-django.ts'
import { djangoEnvironment, managePy, project, staticfilesCommand } from '../support/project.ts'
import { symlink, type Tree } from '../support/tree.ts'

const NEWEST = '6.1'
const MANIFEST = 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'
const PLAIN = 'django.contrib.staticfiles.storage.StaticFilesStorage'
const WHITENOISE = 'whitenoise.storage.CompressedManifestStaticFilesStorage'

const PROJECT: Tree = {
  'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ django: 'manage.py', css: 'preserve', js: 'source-maps', compress: false })] }
`,
  'manage.py': managePy('settings'),
  'settings.py': `
import os
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / os.environ["STATIC_ROOT"]
STATICFILES_DIRS = [BASE_DIR / "static", ("deep/prefix", BASE_DIR / "more")]
INSTALLED_APPS = ["polls", "django.contrib.staticfiles"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": os.environ["STORAGE"]},
}
`,
  'polls/__init__.py': '',
  'polls/static/polls/style.css': '@import "../site.css"; a { background: url(img.png#x) }',
  'polls/static/polls/img.png': 'img',
  'polls/static/site.css': 'hidden by static/site.css',
  'static/site.css': 'b {}',
  'static/app.js': 'app()\n//# sourceMappingURL=app.js.map\n',
  'static/app.js.map': '{"version":3}',
  'static/.hidden': 'dot',
  'static/.well-known/x.txt': 'in a dot folder',
  'static/backup.css~': 'backup',
  'static/CVS/Entries': 'cvs',
  'static/docs/readme.txt': 'readme',
  'static/docs/secret.psd': 'psd',
  'static/link.txt': symlink('docs/readme.txt'),
  'more/other.txt': 'other',
  'ours/old.txt': 'from before',
  'ours/site.css': 'from before',
  'theirs/old.txt': 'from before',
  'theirs/site.css': 'from before',
}

const FLAGS: string[][] = [
  ['--noinput'],
  ['--no-input'],
  ['--noinput', '--clear'],
  ['--noinput', '-c'],
  ['--noinput', '--dry-run'],
  ['--noinput', '-n'],
  ['--noinput', '--dry-run', '--clear'],
  ['--noinput', '--link'],
  ['--noinput', '-l'],
  ['--noinput', '--ignore', '*.psd'],
  ['--noinput', '-i', 'docs', '-i', '*.psd', '--ignore=prefix'],
  ['--noinput', '-i', 'docs/*'],
  ['--noinput', '--no-default-ignore'],
  ['--noinput', '--no-default-ignore', '-i', '.hidden', '--clear'],
  ['--noinput', '--no-post-process'],
  ['--noinput', '--no-post-process', '--link', '--clear'],
  ['--noinput', '-v', '0'],
  ['--noinput', '--verbosity', '3', '--no-color'],
  ['--noinput', '--settings', 'settings', '--pythonpath', '.'],
  ['--noinput', '--skip-checks', '--traceback', '--force-color'],
]

/** What differs between the versions of Django is in its manifest: the other flags do not touch that. */
const FLAGS_OF_THE_MANIFEST: string[][] = [
  ['--noinput'],
  ['--noinput', '--clear'],
  ['--noinput', '--no-post-process'],
]

describeEachDjango('the flags of collectstatic', django => {
  for (const storage of django.version === NEWEST ? [PLAIN, MANIFEST, WHITENOISE] : [MANIFEST]) {
    const name = storage.split('.').at(-1)
    const flags = django.version === NEWEST ? FLAGS : FLAGS_OF_THE_MANIFEST
    test.each(flags.map(flags => [flags.join(' '), flags] as const))(`%s with ${name}`, async (_, flags) => {
      const root = await project(PROJECT)
      for (const folder of ['ours', 'theirs']) utimesSync(`${root}/${folder}/site.css`, 1, 1)
      collectstatic(django, root, storage, flags)
      const env = { ...djangoEnvironment(django), STORAGE: storage, STATIC_ROOT: 'ours' }
      const result = staticfilesCommand(root, ['collect', ...flags], env)
      expect(result).toMatchObject({ code: 0 })
      expect(readTree(root, 'ours')).toEqual(readTree(root, 'theirs'))
    })
  }

  test('a file that is newer than its source is replaced all the same, which Django does not do', async () => {
    const root = await project(PROJECT)
    collectstatic(django, root, PLAIN, ['--noinput'])
    const env = { ...djangoEnvironment(django), STORAGE: PLAIN, STATIC_ROOT: 'ours' }
    staticfilesCommand(root, ['collect'], env)
    expect(readTree(root, 'theirs')).toMatchObject({ 'site.css': 'from before' })
    expect(readTree(root, 'ours')).toMatchObject({ 'site.css': 'b {}' })
  })

  test.runIf(django.version === NEWEST).each([
    ['one name', ['site.css']],
    ['two names', ['site.css', 'polls/img.png']],
    ['the first only', ['site.css', '--first']],
    ['paths alone', ['site.css', '-v', '0']],
    ['locations', ['site.css', 'deep/prefix/other.txt', '-v', '2']],
  ])('`find` prints what findstatic prints: %s', async (_, args) => {
    const root = await project(PROJECT)
    const env = { ...process.env, ...djangoEnvironment(django), STORAGE: PLAIN, STATIC_ROOT: 'ours' }
    const theirs = spawnSync(django.python, ['manage.py', 'findstatic', ...args], {
      cwd: root,
      env,
      encoding: 'utf8',
    })
    const ours = staticfilesCommand(root, ['find', ...args], env)
    expect(ours.stdout.trim()).toBe(theirs.stdout.trim())
    expect(ours.stdout).toContain('site.css')
  })
})

function collectstatic(django: LiveDjango, cwd: string, storage: string, flags: readonly string[]): void {
  const env = { ...process.env, ...djangoEnvironment(django), STORAGE: storage, STATIC_ROOT: 'theirs' }
  execFileSync(django.python, ['manage.py', 'collectstatic', ...flags], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/**
 * Every file with its bytes, and where a plain one links to. Left out is what is ours by design: the manifest of plain
 * names, the index, the ledger of releases; and the siblings, whose bytes no two implementations share.
 */
function readTree(root: string, folder: string): Record<string, string> {
  const top = path.join(root, folder)
  const names = readdirSync(top, { recursive: true }).map(String).sort()
  const paths = names.includes('staticfiles.json')
    ? JSON.parse(readFileSync(path.join(top, 'staticfiles.json'), 'utf8')).paths
    : {}
  const entries = names.flatMap(name => {
    const file = path.join(top, name)
    const stats = lstatSync(file)
    if (stats.isDirectory() || /\.(?:gz|br)$|(?:index|releases)\.json$/.test(name)) return []
    if (name === 'staticfiles.json')
      return Object.values(paths).every((hashed, i) => hashed === Object.keys(paths)[i])
        ? []
        : [[name, JSON.stringify(Object.entries(paths).sort())]]
    const isHashed = Object.values(paths).includes(name) && paths[name] !== name
    const link =
      stats.isSymbolicLink() && !isHashed ? `link to ${path.relative(root, realpathSync(file))}: ` : ''
    return [[name, link + readFileSync(file, 'latin1')]]
  })
  return Object.fromEntries(entries)
}
