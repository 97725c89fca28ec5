import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { watch } from 'rollup'
import { build } from 'vite'
import type { DjangoOptions, Options } from 'vite-plugin-staticfiles'
import { staticfiles } from 'vite-plugin-staticfiles'
import { describe, expect, test, vi } from 'vitest'
import { askDjango } from '../../src/options/django/ask.ts'
import { disagreements } from '../../src/options/django/disagreements.ts'
import { findInterpreter, searchInterpreter } from '../../src/options/django/interpreter.ts'
import { withDjango } from '../../src/options/django/options.ts'
import { questionOf } from '../../src/options/django/question.ts'
import { referencesIn } from '../../src/references/templates/read.ts'
import { bundlers } from '../support/bundlers.ts'
import { startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { describeEachDjango, describeNewestDjango, type LiveDjango } from '../support/live-django.ts'
import { resolveIn } from '../support/resolve-in.ts'
import { addTo, type Tree, tree } from '../support/tree.ts'
import { overwrite, untilWatched } from '../support/watches.ts'

const MANAGE = `
import os, sys
print("manage.py says hello")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
`

const SETTINGS = `
import os, sys, warnings
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
print("settings print", {"json": True})
os.system("echo and so does what they start")
warnings.warn("and they warn")
exec((BASE_DIR / ".env").read_text())

SECRET_KEY = "x"
INSTALLED_APPS = ["polls", "mysite.apps.StaticFiles", "django.contrib.contenttypes"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DATABASE_ROUTERS = ["mysite.apps.NoDatabase"]
ROOT_URLCONF = "mysite.urls_that_do_not_exist"
STATIC_URL = os.environ.get("SITE_STATIC_URL", "assets/")
STATIC_ROOT = os.environ.get("SITE_STATIC_ROOT", BASE_DIR / "public" / "assets")
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", BASE_DIR / "lib")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.DefaultStorageFinder",
    "mysite.finders.MadeFinder",
]
MEDIA_ROOT = BASE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "mysite.apps.Storage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "pages"],
        "OPTIONS": {
            "loaders": [
                ("django.template.loaders.cached.Loader", [
                    ("django.template.loaders.filesystem.Loader", [BASE_DIR / "themes"]),
                    "django.template.loaders.app_directories.Loader",
                ]),
            ],
        },
    },
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [BASE_DIR / "jinja"], "APP_DIRS": True},
]
WHITENOISE_MAX_AGE = 120
`

const PROJECT: Tree = {
  'manage.py': MANAGE,
  '.env': 'FROM_ENV = 1\n',
  'mysite/__init__.py': '',
  'mysite/settings.py': SETTINGS,
  'mysite/apps.py': `
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

class StaticFiles(StaticFilesConfig):
    ignore_patterns = ["*.psd", "CVS"]

class Storage(ManifestStaticFilesStorage):
    manifest_name = "names.json"

class NoDatabase:
    def db_for_read(self, model, **hints): raise RuntimeError("a database is read")
    def db_for_write(self, model, **hints): raise RuntimeError("a database is written")
`,
  'mysite/finders.py': `
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from django.conf import settings

class MadeFinder(BaseFinder):
    """Gives files other names than they have."""
    storage = FileSystemStorage(settings.BASE_DIR / "made")
    storage.prefix = "made"
    def check(self, **kwargs): return []
    def find(self, path, **kwargs): return []
    def list(self, ignore_patterns):
        if "*.psd" in ignore_patterns:
            yield "by-finder.txt", self.storage
`,
  'polls/__init__.py': '',
  'polls/static/polls/style.css': 'a { background: url("../shared.png") }',
  'polls/static/shared.png': 'of the app',
  'polls/static/.hidden': 'the app has other patterns',
  'polls/static/big.psd': 'ignored',
  'polls/templates/polls/x.html': '',
  'static/shared.png': 'of the project',
  'static/site.css': 'b { background: url(shared.png) }',
  'lib/lib.js': 'lib()\n',
  'media/upload.txt': 'uploaded',
  'made/by-finder.txt': 'made',
}

describeEachDjango('asking', django => {
  test('gets all that settings say, whatever else they print', async () => {
    const root = await tree(PROJECT)
    const { answer, reads } = await ask(root, django)
    expect({ ...answer, python: '', django: answer.django.slice(0, 3), executable: '' }).toEqual({
      executable: '',
      python: '',
      django: django.version,
      settings: 'mysite.settings',
      debug: false,
      staticUrl: '/assets/',
      staticRoot: `${root}/public/assets`,
      storage: expect.objectContaining({
        class: 'mysite.apps.Storage',
        isManifest: true,
        manifestName: 'names.json',
        manifestStrict: true,
        manifestFolder: `${root}/public/assets`,
        fileMode: 0o640,
        folderMode: 0o750,
      }),
      storageProblem: null,
      finders: [
        {
          class: 'django.contrib.staticfiles.finders.AppDirectoriesFinder',
          kind: 'apps',
          folder: 'static',
        },
        {
          class: 'django.contrib.staticfiles.finders.FileSystemFinder',
          kind: 'dirs',
          dirs: [
            ['', `${root}/static`],
            ['vendor', `${root}/lib`],
          ],
        },
        {
          class: 'django.contrib.staticfiles.finders.DefaultStorageFinder',
          kind: 'list',
          files: [['upload.txt', `${root}/media/upload.txt`]],
          locations: [['', `${root}/media`]],
        },
        {
          class: 'mysite.finders.MadeFinder',
          kind: 'list',
          files: [['made/by-finder.txt', `${root}/made/by-finder.txt`]],
          locations: [['made', `${root}/made`]],
        },
      ],
      ignorePatterns: ['*.psd', 'CVS'],
      templates: [
        [`${root}/pages`, 'django'],
        [`${root}/themes`, 'django'],
        [`${root}/polls/templates`, 'django'],
        ...contrib(answer.apps.slice(1), 'templates', 'django'),
        [`${root}/jinja`, 'jinja2'],
        [`${root}/polls/jinja2`, 'jinja2'],
        ...contrib(answer.apps.slice(1), 'jinja2', 'jinja2'),
      ],
      whitenoise: { WHITENOISE_MAX_AGE: 120 },
      apps: [`${root}/polls`, expect.stringMatching(/staticfiles$/), expect.stringMatching(/contenttypes$/)],
      irreplaceable: [
        [`${root}/media`, 'MEDIA_ROOT'],
        [`${root}/db.sqlite3`, 'DATABASES'],
      ],
      warnings: [],
    })
    expect(reads.environ).toEqual(expect.arrayContaining(['DJANGO_SETTINGS_MODULE', 'SITE_STATIC_URL']))
    expect(reads.files).toEqual(
      expect.arrayContaining(
        ['manage.py', '.env', 'mysite/settings.py', 'mysite/apps.py', 'mysite/finders.py'].map(
          file => `${root}/${file}`,
        ),
      ),
    )
    expect(existsSync(`${root}/db.sqlite3`)).toBe(false)
    expect(existsSync(`${root}/mysite/__pycache__`)).toBe(false)
  })

  test.each(Object.keys(bundlers))('%s collects what collectstatic collects', async bundler => {
    const root = await tree({ ...PROJECT, 'package.json': '{ "type": "module" }' })
    const theirs = path.join(root, 'theirs')
    collectstatic(django, root, theirs)
    const options: Options = {
      django: djangoOptions(root, django),
      compress: false,
      css: 'preserve',
      js: 'source-maps',
    }
    if (bundler === 'Rollup 4') {
      // Rollup alone has the working directory for its root.
      await bundlers[bundler]!(root, { ...options, staticRoot: 'public/assets' })
    } else {
      const { vites } = await import('../support/bundlers.ts')
      await vites[bundler]!(root, { ...options, staticRoot: undefined } as Options)
    }
    expect(readTree(`${root}/public/assets`)).toEqual(readTree(theirs))
  })

  test.each([
    [
      'a module that does not exist',
      'import nothing_of_this_name',
      "ModuleNotFoundError: No module named 'nothing_of_this_name'",
      'line 2',
    ],
    ['a mistake in the syntax', 'x = = 1', 'SyntaxError: invalid syntax', 'line 2'],
    ['an end', 'import sys; sys.exit("no key")', 'SystemExit: no key', 'line 2'],
    [
      'an app that does not exist',
      'SECRET_KEY = "x"; INSTALLED_APPS = ["nowhere"]',
      "No module named 'nowhere'",
      'apps/config.py',
    ],
    [
      'a setting of the wrong kind',
      'SECRET_KEY = "x"; INSTALLED_APPS = "polls"',
      'INSTALLED_APPS setting must be a list or a tuple',
      'ImproperlyConfigured',
    ],
  ])('shows what Python says of %s', async (_, settings, message, place) => {
    const root = await tree({ ...PROJECT, 'mysite/settings.py': `print("noise")\n${settings}\n` })
    const error = await ask(root, django).catch(each => each)
    expect(error.name).toBe('StaticFilesError')
    expect(error.message).toContain(message)
    expect(error.message).toContain(place)
    expect(error.message).not.toContain('ask.py')
    expect(error.message).not.toContain('noise')
    expect(error.message).toContain(`Python: ${django.python} (\`django.python\`)`)
    expect(error.message).toContain(`manage.py: ${root}/manage.py`)
    expect(error.message).toContain('settings: mysite.settings')
  })
})

describeNewestDjango('asking', django => {
  test('takes other settings, also where manage.py sets its own by force', async () => {
    const root = await tree({
      ...PROJECT,
      'manage.py': MANAGE.replace('.setdefault("DJANGO_SETTINGS_MODULE", ', '["DJANGO_SETTINGS_MODULE"] = ('),
      'mysite/other.py': 'from .settings import *\nSTATIC_URL = "/other/"\n',
    })
    expect((await ask(root, django)).answer.staticUrl).toBe('/assets/')
    const { answer } = await ask(root, django, { settings: 'mysite.other' })
    expect(answer).toMatchObject({ staticUrl: '/other/', settings: 'mysite.other' })
  })

  test('gives variables to the settings', async () => {
    const root = await tree(PROJECT)
    const { answer } = await ask(root, django, { env: { SITE_STATIC_URL: 'https://cdn.example.com/s/' } })
    expect(answer.staticUrl).toBe('https://cdn.example.com/s/')
  })

  test('works where there is no STATIC_ROOT, and a build says so', async () => {
    const root = await tree({ ...PROJECT, 'mysite/settings.py': `${SETTINGS}\nSTATIC_ROOT = None\n` })
    const { answer } = await ask(root, django)
    expect(answer).toMatchObject({
      staticRoot: null,
      storage: { class: 'mysite.apps.Storage', isManifest: true },
    })
    const plugins = [staticfiles({ django: djangoOptions(root, django) })]
    await expect(build({ root, configFile: false, logLevel: 'silent', plugins })).rejects.toThrow(
      'STATIC_ROOT is not set in mysite.settings, so there is no folder to fill',
    )
  })

  test.each([
    ['nothing', 'print(1)', 'did not call Django’s execute_from_command_line()'.replace('’', "'")],
    ['an end', 'import sys; sys.exit(3)', 'ended (3) before it called execute_from_command_line()'],
  ])('says when manage.py does %s', async (_, manage, message) => {
    const root = await tree({ ...PROJECT, 'manage.py': manage })
    await expect(ask(root, django)).rejects.toThrow(message)
  })

  test('says when there is no manage.py', async () => {
    const root = await tree({})
    await expect(ask(root, django)).rejects.toThrow(`there is no file ${root}/manage.py`)
  })

  test('names a Python that cannot answer', async () => {
    const root = await tree(PROJECT)
    await expect(ask(root, { ...django, python: 'python-that-is-not-there' })).rejects.toThrow(
      'this Python does not exist',
    )
    await expect(ask(root, { ...django, python: `${root}/nowhere` })).rejects.toThrow(
      `\`django.python\`: ${root}/nowhere is neither a Python nor a virtual environment`,
    )
  })

  const CACHED: Tree = {
    ...PROJECT,
    'mysite/settings.py': SETTINGS.replace(/STATICFILES_FINDERS = \[[^\]]*\]/, '').concat(
      'open(BASE_DIR / "asked.txt", "a").write("x")\n',
    ),
  }

  test.each<[string, (root: string) => unknown, number]>([
    ['nothing changes', () => {}, 1],
    ['a variable changes that no setting reads', () => vi.stubEnv('NOBODY_READS_THIS', '2'), 1],
    ['a variable changes that a setting reads', () => vi.stubEnv('SITE_STATIC_URL', '/y/'), 2],
    ['the settings change', root => touch(`${root}/mysite/settings.py`), 2],
    ['a file changes that the settings read', root => touch(`${root}/.env`), 2],
    ['an app configuration changes', root => touch(`${root}/mysite/apps.py`), 2],
    ['a model changes', root => addTo(root, { 'polls/models.py': '# new' }), 1],
    ['a template changes', root => addTo(root, { 'pages/x.html': '' }), 1],
    ['an answer is damaged', root => damageAnswers(root), 2],
  ])('asks again only when it has to: %s', async (_, change, times) => {
    const root = await tree(CACHED)
    const first = await ask(root, django)
    // The file that counts is itself a file that the settings open.
    const asked = () => readFileSync(`${root}/asked.txt`, 'utf8').length
    expect(asked()).toBe(1)
    restamp(root)
    await ask(root, django)
    const before = asked()
    await change(root)
    await ask(root, django)
    expect(asked() - before).toBe(times - 1)
    expect(first.answer.staticUrl).toBe('/assets/')
    vi.unstubAllEnvs()
  })

  test('asks each time where a finder lists its own files', async () => {
    const root = await tree(PROJECT)
    await ask(root, django)
    writeFileSync(`${root}/media/second.txt`, '')
    const { answer } = await ask(root, django)
    expect(JSON.stringify(answer.finders)).toContain('media/second.txt')
  })
})

describeNewestDjango('options that are given', django => {
  test('win, and what differs is told', async () => {
    const root = await tree({ ...PROJECT, 'other/x.css': '' })
    const { answer } = await ask(root, django)
    const given: Options = {
      staticRoot: 'other-root',
      staticUrl: '/x/',
      dirs: ['other'],
      apps: [],
      hash: false,
    }
    expect(withDjango(given, answer, undefined)).toMatchObject({
      staticRoot: 'other-root',
      staticUrl: '/x/',
      dirs: ['other'],
      hash: false,
      manifest: 'names.json',
      entries: 'templates',
    })
    const told = disagreements(given, answer, { root, outDir: undefined, base: '/y/' }).join('\n')
    for (const part of [
      `\`staticRoot\` is ${root}/other-root, but Django's STATIC_ROOT is ${root}/public/assets`,
      "`staticUrl` is '/x/', but Django's STATIC_URL is '/assets/'",
      "Vite's `base` is '/y/'",
      `\`dirs\` takes the place of Django's STATICFILES_DIRS, and lacks ${root}/static, ${root}/lib`,
      `\`apps\` takes the place of Django's INSTALLED_APPS, and lacks ${root}/polls`,
    ])
      expect(told).toContain(part)
  })

  test('that agree are no news', async () => {
    const root = await tree(PROJECT)
    const { answer } = await ask(root, django)
    const given: Options = {
      staticRoot: 'public/assets',
      dirs: ['static', ['vendor', 'lib']],
      apps: ['polls'],
    }
    expect(disagreements(given, answer, { root, outDir: undefined, base: undefined })).toEqual([])
  })

  test('are filled in from WhiteNoise’s settings', async () => {
    const root = await tree({
      ...PROJECT,
      'mysite/settings.py': `${SETTINGS}
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("xyz",)
`,
    })
    const { answer } = await ask(root, django)
    const options = withDjango({}, answer, undefined)
    expect(options).toMatchObject({ hash: true, keepUnhashed: false, compress: { skip: ['xyz'] } })
    expect(withDjango({ keepUnhashed: true, compress: { skip: ['a'] } }, answer, undefined)).toMatchObject({
      keepUnhashed: true,
      compress: { skip: ['a'] },
    })
  })

  test('follow a storage that hashes nothing, and one with another folder for its manifest', async () => {
    const root = await tree({
      ...PROJECT,
      'mysite/settings.py': `${SETTINGS}
import os
if os.environ.get("PLAIN"):
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
`,
      'mysite/apps.py': `${String(PROJECT['mysite/apps.py'])}
from django.core.files.storage import FileSystemStorage
class Storage(ManifestStaticFilesStorage):
    manifest_name = "names.json"
    def __init__(self, *args, **kwargs):
        super().__init__(*args, manifest_storage=FileSystemStorage("${'MANIFESTS'}"), **kwargs)
`.replace('MANIFESTS', '/tmp/manifests'),
    })
    const { answer } = await ask(root, django)
    expect(withDjango({}, answer, undefined)).toMatchObject({ manifest: '/tmp/manifests/names.json' })
    const plain = await ask(root, django, { env: { PLAIN: '1' } })
    expect(withDjango({}, plain.answer, undefined)).toMatchObject({ hash: false })
    expect(disagreements({ hash: true }, plain.answer, { root, outDir: undefined, base: undefined })).toEqual(
      [expect.stringContaining('StaticFilesStorage of STORAGES["staticfiles"] reads no manifest')],
    )
  })

  test('do not hide which language a folder of templates is written in', async () => {
    const raw = `{% raw %}{% static 'no.css' %}{% endraw %}{{ static('site.css') }}`
    const root = await tree({
      ...PROJECT,
      'mysite/settings.py': `${SETTINGS}
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE_DIR / "jinja2", BASE_DIR / "shared"]},
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [BASE_DIR / "pages", BASE_DIR / "shared"]},
]
`,
      'jinja2/of-django.html': `{% static 'site.css' %}{{ static('no.css') }}`,
      'pages/of-jinja.html': raw,
      'shared/of-django.html': `{% load static %}{% static 'shared.png' %}`,
      'shared/of-jinja.html': `{{ static('shared.png') }}`,
    })
    const { answer } = await ask(root, django)
    const { templates } = resolveIn(root, withDjango({}, answer, undefined))
    const found = referencesIn(templates).map(({ source, name }) => [path.relative(root, source), name])
    expect(found).toEqual([
      ['jinja2/of-django.html', 'site.css'],
      ['shared/of-django.html', 'shared.png'],
      ['shared/of-jinja.html', 'shared.png'],
      ['pages/of-jinja.html', 'site.css'],
    ])
    const given = resolveIn(root, { templates: [['pages', 'jinja2'], 'shared'] })
    expect(given.templates).toEqual([
      { folder: `${root}/pages`, language: 'jinja2' },
      { folder: `${root}/shared`, language: 'any' },
    ])
    const wrong = { templates: [['pages', 'jinja']] } as unknown as Options
    expect(() => resolveIn(root, wrong)).toThrow(
      '`templates` must be a list of folders or [folder, language]',
    )
  })

  test('leave other patterns than those of the app', async () => {
    const root = await tree(PROJECT)
    const { answer } = await ask(root, django)
    const patterns = (options: Options) => {
      const { ignore, defaultIgnore } = withDjango(options, answer, undefined)
      return [ignore, defaultIgnore]
    }
    expect(patterns({ ignore: ['*.map'] })).toEqual([['*.psd', 'CVS', '*.map'], false])
    expect(patterns({ defaultIgnore: true })).toEqual([['*.psd', 'CVS'], false])
    expect(patterns({ defaultIgnore: false, ignore: ['x'] })).toEqual([['x'], false])
    expect(patterns({ defaultIgnore: ['.*'] })).toEqual([[], ['.*']])
  })
})

describeNewestDjango('vite dev', django => {
  test('serves what the settings name, and follows them', async () => {
    const root = await tree({ ...PROJECT, 'more/new.txt': 'new' })
    const { origin, output } = await startDevServer(root, { django: djangoOptions(root, django) })
    const get = async (name: string) => {
      const answer = await fetch(`${origin}/assets/${name}`)
      return answer.ok ? answer.text() : String(answer.status)
    }
    expect(await get('shared.png')).toBe('of the app')
    expect(await get('vendor/lib.js')).toBe('lib()\n')
    expect(await get('upload.txt')).toBe('uploaded')
    expect(await get('new.txt')).toBe('404')
    await untilWatched(`${root}/mysite/settings.py`)
    overwrite(`${root}/mysite/settings.py`, `${SETTINGS}\nSTATICFILES_DIRS += [BASE_DIR / "more"]\n`)
    await eventually(async () => expect(await get('new.txt')).toBe('new'))
    expect(output.join('\n')).toContain(
      "Django's settings have changed: STATICFILES_DIRS or STATICFILES_FINDERS",
    )
    overwrite(`${root}/mysite/settings.py`, `${SETTINGS}\nimport nowhere\n`)
    await eventually(() =>
      expect(output.join('\n')).toMatch(
        /No module named 'nowhere'[\s\S]*The settings from before stay in use/,
      ),
    )
    expect(await get('new.txt')).toBe('new')
  })
})

describeNewestDjango('a watching build', django => {
  const options = (root: string): Options => ({
    django: djangoOptions(root, django),
    compress: false,
    staticRoot: `${root}/out`,
  })
  const startWith: Record<string, (root: string) => Promise<{ close(): unknown }>> = {
    'Vite 8': root => {
      const config = { configFile: false as const, logLevel: 'silent' as const, build: { watch: {} } }
      return build({ root, ...config, plugins: [staticfiles(options(root))] }) as never
    },
    'Rollup 4': async root => watch({ plugins: staticfiles(options(root)), onLog: () => {} }),
  }

  test('whose new settings cannot be used asks again at the next change', async () => {
    const more = `${SETTINGS}\nSTATICFILES_DIRS += [BASE_DIR / "more"]\n`
    const files = { 'mysite/settings.py': more, 'more/new.txt': 'new', 'more/main.js': '' }
    const root = await tree({ ...PROJECT, ...files })
    const names = () => Object.keys(JSON.parse(readFileSync(`${root}/out/names.json`, 'utf8')).paths)
    const events: string[] = []
    const plugins = staticfiles({ ...options(root), entries: ['main.js'] })
    const watcher = watch({ plugins, onLog: () => {} })
    watcher.on('event', event => void events.push(event.code === 'ERROR' ? event.error.message : event.code))
    try {
      await eventually(() => expect(names()).toContain('new.txt'))
      await untilWatched(`${root}/mysite/settings.py`)
      overwrite(`${root}/mysite/settings.py`, SETTINGS)
      await eventually(() => expect(events.join('\n')).toContain('an entry has no source\n  main.js'))
      writeFileSync(`${root}/static/main.js`, '')
      await eventually(() => expect(names()).not.toContain('new.txt'))
      expect(names()).toContain('main.js')
    } finally {
      await watcher.close()
    }
  })

  test.each(Object.keys(startWith))('of %s follows the settings', async bundler => {
    const root = await tree({ ...PROJECT, 'more/new.txt': 'new', 'more/newer.txt': 'newer' })
    const names = () => Object.keys(JSON.parse(readFileSync(`${root}/out/names.json`, 'utf8')).paths)
    const watcher = await startWith[bundler]!(root)
    try {
      await eventually(() => expect(names()).toContain('shared.png'))
      expect(names()).not.toContain('new.txt')
      const more = `${SETTINGS}\nSTATICFILES_DIRS += [BASE_DIR / "more"]\n`
      // Rolldown watches folders, Rollup files.
      await untilWatched(`${root}/mysite${bundler === 'Vite 8' ? '' : '/settings.py'}`)
      overwrite(`${root}/mysite/settings.py`, more)
      await eventually(() => expect(names()).toContain('new.txt'))
      // A mistake leaves the settings of before; the next change is still seen.
      overwrite(`${root}/mysite/settings.py`, `${more}\nimport nowhere\n`)
      writeFileSync(`${root}/more/newest.txt`, 'newest')
      await eventually(() => expect(names()).toContain('newest.txt'))
      overwrite(`${root}/mysite/settings.py`, SETTINGS)
      await eventually(() => expect(names()).not.toContain('new.txt'))
    } finally {
      await watcher.close()
    }
  })
})

describe('the Python', () => {
  const ENVIRONMENT: Tree = { 'pyvenv.cfg': '', 'bin/python': '' }
  const within = (folder: string, files: Tree): Tree =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))

  test('is the first of those in the documented order', async () => {
    const root = await tree({
      '.git/': '',
      'uv.lock': '',
      'poetry.lock': '',
      'site/manage.py': '',
      ...within('given', ENVIRONMENT),
      ...within('site/venv', ENVIRONMENT),
      ...within('.venv', ENVIRONMENT),
      ...within('active', ENVIRONMENT),
    })
    const manage = path.join(root, 'site/manage.py')
    const env = { VIRTUAL_ENV: path.join(root, 'active') }
    const found = (python?: string) => {
      const search = searchInterpreter(manage, python, env)
      return 'interpreter' in search ? path.relative(root, search.interpreter.file) : search.tool
    }
    expect(found(path.join(root, 'given'))).toBe('given/bin/python')
    expect(found(path.join(root, 'active/bin/python'))).toBe('active/bin/python')
    expect(searchInterpreter(manage, 'pypy3', env)).toMatchObject({ interpreter: { file: 'pypy3' } })
    expect(found()).toBe('site/venv/bin/python')
    rmSync(path.join(root, 'site/venv'), { recursive: true })
    expect(found()).toBe('.venv/bin/python')
    rmSync(path.join(root, '.venv'), { recursive: true })
    expect(found()).toBe('active/bin/python')
    env.VIRTUAL_ENV = ''
    expect(found()).toBe('uv')
    rmSync(path.join(root, 'uv.lock'))
    expect(found()).toBe('poetry')
    rmSync(path.join(root, 'poetry.lock'))
    expect(found()).toBe('PATH')
  })

  test('is not looked for above the repository', async () => {
    const root = await tree({
      'repository/.git/': '',
      'repository/manage.py': '',
      ...within('.venv', ENVIRONMENT),
    })
    expect(searchInterpreter(path.join(root, 'repository/manage.py'), undefined, {})).toEqual({
      tool: 'PATH',
    })
  })

  test('is what uv and poetry say, started in the folder of their lock', async () => {
    const root = await tree({ 'bin/': '', ...within('made', ENVIRONMENT) })
    const says = (argument: string) =>
      `#!/bin/sh\ncase "$*" in *"${argument}"*) echo noise; echo ${root}/made/bin/python;; *) echo "wrong: $*" >&2; exit 1;; esac\n`
    await addTo(root, {
      'bin/uv': says(`--no-sync --project ${root}`),
      'bin/poetry': says(`--directory ${root} env info`),
    })
    await chmod(`${root}/bin/uv`, 0o755)
    await chmod(`${root}/bin/poetry`, 0o755)
    const env = { PATH: `${root}/bin:/usr/bin:/bin`, UV_PROJECT_ENVIRONMENT: 'made' }
    for (const tool of ['uv', 'poetry'] as const) {
      const interpreter = await findInterpreter({ tool, folder: root }, `${root}/manage.py`, env)
      expect(interpreter).toEqual({ file: `${root}/made/bin/python`, origin: `${tool} in ${root}` })
    }
  })

  test('that is nowhere makes an error with all places that were searched', async () => {
    const root = await tree({ '.git/': '', 'uv.lock': '' })
    await mkdir(`${root}/empty`)
    await symlink('/bin/sh', `${root}/empty/sh`)
    const search = searchInterpreter(`${root}/manage.py`, undefined, {})
    const error = await findInterpreter(search, `${root}/manage.py`, { PATH: `${root}/empty` }).catch(
      each => each,
    )
    for (const part of [
      `${root}/.venv, ${root}/venv`,
      'VIRTUAL_ENV: not set',
      `uv in ${root}: there is no environment at ${root}/.venv; \`uv sync\` makes it`,
      'python3 on the PATH: not found',
    ])
      expect(error.message).toContain(part)
  })
})

test.each([
  [{ django: 3 }, '`django` must be the path of manage.py'],
  [{ django: { mange: 'x' } }, 'there is no option `django.mange`; did you mean `django.manage`?'],
  [
    { fileMode: 644 },
    '`fileMode` must be a mode in octal, with which you can read what you write: 0o644, not 644',
  ],
])('%o is refused', async (options, message) => {
  expect(() => staticfiles(options as unknown as Options)).toThrow(message)
})

function djangoOptions(root: string, { python }: Pick<LiveDjango, 'python'>): DjangoOptions {
  return { manage: path.join(root, 'manage.py'), python }
}

function ask(root: string, django: Pick<LiveDjango, 'python'>, more: DjangoOptions = {}) {
  const question = questionOf(
    { django: { ...djangoOptions(root, django), ...more } },
    root,
    path.join(root, '.vite'),
  )
  return askDjango(question!)
}

function collectstatic({ python }: LiveDjango, root: string, staticRoot: string): void {
  const env = { ...process.env, SITE_STATIC_ROOT: staticRoot, PYTHONDONTWRITEBYTECODE: '1' }
  execFileSync(python, ['-W', 'ignore', 'manage.py', 'collectstatic', '--noinput'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Every file with its mode and bytes, every folder with its mode; without the index and the ledger, which are ours. */
function readTree(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true })
    .map(String)
    .filter(name => !/(?:index|releases)\.json$/.test(name))
    .sort()
  return Object.fromEntries(
    names.map(name => {
      const file = path.join(folder, name)
      const { mode } = statSync(file)
      const isFolder = statSync(file).isDirectory()
      return [name, `${(mode & 0o777).toString(8)} ${isFolder ? 'folder' : contentOf(file)}`]
    }),
  )
}

/** Django 5.2 writes the names of its manifest in the order of its work. */
function contentOf(file: string): string {
  const text = readFileSync(file, 'latin1')
  if (!file.endsWith('names.json')) return text
  return JSON.stringify(Object.entries(JSON.parse(text).paths).sort())
}

function contrib(apps: readonly string[], folder: string, language: string): string[][] {
  return apps.map(app => [path.join(app, folder), language])
}

function touch(file: string): void {
  const future = new Date(Date.now() + 10_000)
  utimesSync(file, future, future)
}

/** The file that counts has changed by counting. */
function restamp(root: string): void {
  touch(`${root}/asked.txt`)
}

function damageAnswers(root: string): void {
  const folder = `${root}/.vite/staticfiles`
  for (const file of readdirSync(folder))
    if (file.endsWith('.json')) writeFileSync(path.join(folder, file), '{"key"')
}
