import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { build, createLogger } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { expect, test } from 'vitest'
import { askDjango } from '../../src/options/django/ask.ts'
import { withDjango } from '../../src/options/django/options.ts'
import { questionOf } from '../../src/options/django/question.ts'
import { storageNotes } from '../../src/options/django/storage.ts'
import { describeEachDjango, describeNewestDjango, type LiveDjango } from '../support/live-django.ts'
import { managePy } from '../support/project.ts'
import { tree } from '../support/tree.ts'

const SETTINGS = `
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "out"
STATICFILES_DIRS = [BASE_DIR / "static"]
`

function projectWith(settings: string, files = {}): Promise<string> {
  return tree({
    'manage.py': managePy('settings'),
    'settings.py': `${SETTINGS}\n${settings}\n`,
    'static/site.css': 'a {}',
    ...files,
  })
}

function ask(root: string, { python }: LiveDjango) {
  return askDjango(questionOf({ django: { manage: 'manage.py', python } }, root, `${root}/.vite`)!)
}

/** What `manage.py check --tag staticfiles` says of a project. */
function check(root: string, { python }: LiveDjango): string {
  return spawnSync(python, ['manage.py', 'check', '--tag', 'staticfiles'], { cwd: root, encoding: 'utf8' })
    .stderr
}

/** Each message of Django's on its own, without the object that it is about. */
function messagesIn(text: string): string[] {
  const messages = text.matchAll(/\(staticfiles\.\w\d+\) .*(?:\n\s+HINT: .*)?/gu)
  return [...messages].map(([message]) => message.replace(/\s+/gu, ' ')).sort()
}

describeEachDjango('settings that Django refuses', django => {
  test.each([
    ['E001', 'STATICFILES_DIRS = str(BASE_DIR / "static")'],
    ['E001', 'STATICFILES_DIRS = ("static")'],
    ['E002', 'STATICFILES_DIRS = [STATIC_ROOT]'],
    ['E003', 'STATICFILES_DIRS = [("prefix/", BASE_DIR / "static")]'],
    ['E005', 'STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}'],
    ['E003', 'STATICFILES_DIRS = [("a/", BASE_DIR / "static"), ("b/", BASE_DIR / "static"), STATIC_ROOT]'],
  ])('are refused here, in the same words: %s by %s', async (id, settings) => {
    const root = await projectWith(settings)
    const theirs = messagesIn(check(root, django))
    const error = await ask(root, django).catch(each => each)
    expect(error.message).toContain('Django refuses its settings of static files')
    expect(messagesIn(error.message)).toEqual(theirs.filter(message => !message.includes('W004')))
    expect(error.message).toContain(`staticfiles.${id}`)
    expect(error.message).toContain(`manage.py: ${root}/manage.py\nsettings: settings`)
  })
})

describeNewestDjango('settings', django => {
  test('are refused again at the next run', async () => {
    const root = await projectWith('import os\nSTATICFILES_DIRS = os.environ.get("NONE", "static")')
    await expect(ask(root, django)).rejects.toThrow('staticfiles.E001')
    await expect(ask(root, django)).rejects.toThrow('staticfiles.E001')
  })

  test('that Django has been told to accept are accepted', async () => {
    const root = await projectWith(
      'STATICFILES_DIRS = [("prefix/", BASE_DIR / "static")]\nSILENCED_SYSTEM_CHECKS = ["staticfiles.E003"]',
    )
    expect((await ask(root, django)).answer.warnings).toEqual([])
  })

  test('that Django, or a finder of the project, warns of are warned of', async () => {
    const root = await projectWith('STATICFILES_FINDERS = ["own.Finder"]\nSTATICFILES_DIRS = ["nowhere"]', {
      'own.py': `
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.checks import Warning
class Finder(FileSystemFinder):
    def check(self, **kwargs):
        return [*super().check(**kwargs), Warning("the moon is full", hint="Wait.", id="own.W001")]
`,
    })
    // A missing folder is warned of when a build looks for it.
    expect((await ask(root, django)).answer.warnings).toEqual(['(own.W001) the moon is full\n\tHINT: Wait.'])
  })

  test.each([
    ['None', 0o027, 0o640],
    ['None', 0o022, 0o644],
    ['0o600', 0o022, 0o600],
  ])('FILE_UPLOAD_PERMISSIONS = %s with the umask %o gives files that mode', async (value, umask, mode) => {
    const root = await projectWith(`FILE_UPLOAD_PERMISSIONS = ${value}`)
    const before = process.umask(umask)
    try {
      const { answer } = await ask(root, django)
      expect(withDjango({}, answer, undefined).fileMode).toBe(mode)
      expect(withDjango({ fileMode: 0o604 }, answer, undefined).fileMode).toBe(0o604)
      const plugins = [staticfiles({ django: { manage: 'manage.py', python: django.python } })]
      await build({ root, configFile: false, logLevel: 'silent', plugins })
      const theirs = spawnSync(django.python, ['manage.py', 'collectstatic', '--noinput'], { cwd: root })
      expect(theirs.status).toBe(0)
      for (const name of ['site.css', 'staticfiles.json'])
        expect(statSync(`${root}/out/${name}`).mode & 0o777, name).toBe(mode)
    } finally {
      process.umask(before)
    }
  })
})

describeNewestDjango('a storage', django => {
  const BASES = `
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage
`

  test.each<[string, string, readonly string[]]>([
    ['its own hash', 'def file_hash(self, name, content=None): return "1"', ['file_hash']],
    ['its own patterns', 'patterns = (("*.html", ("x",)),)', ['patterns']],
    [
      'its own processing',
      'def post_process(self, paths, **options):\n        yield from super().post_process(paths, **options)',
      ['post_process'],
    ],
    [
      'several of them',
      'def file_hash(self, name, content=None): return "1"\n    def hashed_name(self, name, *args): return name\n    patterns = ()',
      ['file_hash', 'hashed_name', 'patterns'],
    ],
    ['nothing to process', 'def post_process(self, *args, **kwargs):\n        return []', []],
    ['nothing to yield', 'def post_process(self, *args, **kwargs):\n        yield from ()', []],
    ['a name for its manifest', 'manifest_name = "x.json"', []],
  ])(
    'with %s is warned of, as far as a build cannot follow it',
    async (_, body, ways) => {
      for (const base of [
        'ManifestStaticFilesStorage',
        'CompressedManifestStaticFilesStorage',
        'StaticFilesStorage',
      ]) {
        const root = await projectWith('STORAGES = {"staticfiles": {"BACKEND": "own.Storage"}}', {
          'own.py': `${BASES}\nclass Storage(${base}):\n    ${body}\n`,
        })
        const { answer } = await ask(root, django)
        expect(answer.storage.ownWays, base).toEqual(ways)
      }
    },
    60_000,
  )

  test('is named in one line, in builds and in dev', async () => {
    const root = await projectWith('STORAGES = {"staticfiles": {"BACKEND": "own.Storage"}}', {
      'own.py': `${BASES}
class Storage(ManifestStaticFilesStorage):
    patterns = ()
    def file_hash(self, name, content=None): return "1"
`,
    })
    const told: string[] = []
    const customLogger = createLogger('silent')
    customLogger.warn = message => void told.push(message)
    const plugins = [staticfiles({ django: { manage: 'manage.py', python: django.python } })]
    await build({ root, configFile: false, customLogger, plugins })
    const expected =
      'STORAGES["staticfiles"] is own.Storage, which has its own file_hash and patterns: a build cannot follow that'
    expect(told.filter(line => line.includes('own.Storage'))).toEqual([expect.stringContaining(expected)])
    expect(storageNotes((await ask(root, django)).answer)).toHaveLength(1)
  })
})
