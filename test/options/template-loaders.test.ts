import path from 'node:path'
import { expect, test } from 'vitest'
import { askDjango } from '../../src/options/django/ask.ts'
import { questionOf } from '../../src/options/django/question.ts'
import { describeEachDjango, describeNewestDjango, type LiveDjango } from '../support/live-django.ts'
import { managePy } from '../support/project.ts'
import { addTo, type Tree, tree } from '../support/tree.ts'

const LOADERS = `
import os
from pathlib import Path
from django.apps import apps
from django.template.loaders import app_directories, base, cached, filesystem

class Wanted(app_directories.Loader):
    """As Django's, but without some apps."""
    def get_dirs(self):
        return [folder for folder in super().get_dirs() if "unwanted" not in str(folder)]

class Components(filesystem.Loader):
    """As that of django-components: a folder of the project, and one of each app."""
    def get_dirs(self, include_apps=True):
        own = [folder.parent / "components" for folder in map(Path, self.engine.dirs)]
        return [*own, *(os.path.join(config.path, "components") for config in apps.get_app_configs())]

class Database(base.Loader):
    def get_template_sources(self, name):
        return []

class Broken(filesystem.Loader):
    def get_dirs(self):
        raise KeyError("COMPONENTS")

class Cached(cached.Loader):
    pass
`

const APPS = 'django.template.loaders.app_directories.Loader'
const FILES = 'django.template.loaders.filesystem.Loader'
const CACHED = 'django.template.loaders.cached.Loader'

const PROJECT: Tree = {
  'manage.py': managePy('settings'),
  'own/__init__.py': '',
  'own/loaders.py': LOADERS,
  'polls/__init__.py': '',
  'polls/templates/polls/x.html': '',
  'unwanted/__init__.py': '',
  'unwanted/templates/x.html': '',
}

async function projectWith(loaders: string): Promise<string> {
  const settings = `
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
INSTALLED_APPS = ["polls", "unwanted", "own"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "out"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [BASE_DIR / "pages"],
    "OPTIONS": {"loaders": [${loaders}], "builtins": ["a.module.that.is.not.imported"]},
}]
`
  return tree({ ...PROJECT, 'settings.py': settings })
}

async function foldersIn(root: string, { python }: LiveDjango) {
  const question = questionOf({ django: { manage: 'manage.py', python } }, root, `${root}/.vite`)!
  const { templates, warnings } = (await askDjango(question)).answer
  return { folders: templates.map(([folder]) => path.relative(root, folder)), warnings }
}

describeEachDjango('template loaders', django => {
  test.each<[string, string, string[]]>([
    [
      'Django’s',
      `"${FILES}", "${APPS}"`,
      ['pages', 'polls/templates', 'unwanted/templates', 'own/templates'],
    ],
    ['one with folders of its own', `("${FILES}", [BASE_DIR / "themes"])`, ['pages', 'themes']],
    ['a subclass', '"own.loaders.Wanted"', ['pages', 'polls/templates']],
    [
      'that of a package',
      '"own.loaders.Components"',
      ['pages', 'components', 'polls/components', 'unwanted/components', 'own/components'],
    ],
    ['one in a cached one', `("${CACHED}", ["own.loaders.Wanted"])`, ['pages', 'polls/templates']],
    [
      'one in a subclass of the cached one',
      `("own.loaders.Cached", ["${APPS}", ("${FILES}", ["/themes"])])`,
      ['pages', 'polls/templates', 'unwanted/templates', 'own/templates', '/themes'],
    ],
    ['templates in the settings', '("django.template.loaders.locmem.Loader", {"x.html": ""})', ['pages']],
  ])('say where they look: %s', async (_, loaders, expected) => {
    const root = await projectWith(loaders)
    const { folders, warnings } = await foldersIn(root, django)
    expect(folders).toEqual(expected.map(folder => path.relative(root, path.resolve(root, folder))))
    expect(warnings).toEqual([])
  })
})

describeNewestDjango('template loaders', django => {
  test.each([
    ['has no folders', '"own.loaders.Database"', 'own.loaders.Database', 'it has no get_dirs()'],
    [
      'has none in a cached one',
      `("${CACHED}", ["own.loaders.Database"])`,
      'own.loaders.Database',
      'it has no get_dirs()',
    ],
    ['fails', '"own.loaders.Broken"', 'own.loaders.Broken', "KeyError: 'COMPONENTS'"],
    [
      'is not installed',
      '("nowhere.Loader", [])',
      'nowhere.Loader',
      "ModuleNotFoundError: No module named 'nowhere'",
    ],
  ])('are named in a warning if one %s', async (_, loaders, name, reason) => {
    const root = await projectWith(`${loaders}, "${APPS}"`)
    const { folders, warnings } = await foldersIn(root, django)
    expect(folders).toContain('polls/templates')
    expect(warnings).toEqual([
      expect.stringContaining(
        `TEMPLATES: the loader ${name} does not say in which folders it looks (${reason})`,
      ),
    ])
  })

  test('are asked again when an app gets its folder of templates', async () => {
    const root = await projectWith('"own.loaders.Wanted"')
    expect((await foldersIn(root, django)).folders).toEqual(['pages', 'polls/templates'])
    await addTo(root, { 'own/templates/x.html': '' })
    expect((await foldersIn(root, django)).folders).toEqual(['pages', 'polls/templates', 'own/templates'])
  })
})
