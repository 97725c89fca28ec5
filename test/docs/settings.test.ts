import { execFileSync } from 'node:child_process'
import type { Options } from 'vite-plugin-staticfiles'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeEachDjango } from '../support/live-django.ts'
import { readPage } from './pages.ts'
import { describeDocs } from './python.ts'

const PAGE = readPage('docs/settings.md')

/** Asked of a Python; prints what there is as JSON. */
const QUESTION = `
import importlib, inspect, json, re
from django.conf import global_settings, settings
settings.configure(INSTALLED_APPS=["django.contrib.staticfiles"], STATIC_ROOT="/nowhere", STATIC_URL="/static/")
import django
django.setup()
from django.contrib.staticfiles import storage
from django.core.management import load_command_class

def flags(name):
    parser = load_command_class("django.contrib.staticfiles", name).create_parser("manage.py", name)
    return sorted({flag for action in parser._actions for flag in action.option_strings if action.help != "==SUPPRESS=="})

def source(module):
    return inspect.getsource(importlib.import_module(module))

def public(kind):
    return [name for name in vars(kind) if not name.startswith("_")]

instance = storage.ManifestStaticFilesStorage()
# What its own classes add to a storage of files.
kinds = [kind for kind in type(instance).__mro__ if kind.__module__ == storage.__name__]
attributes = {name for kind in kinds for name in public(kind)} | {name for name in vars(instance) if name in
    {"hashed_files", "manifest_hash", "manifest_storage"}} | {"location", "base_url"}
prefixes = ("STATIC", "STORAGES", "FILE_UPLOAD", "FORCE_SCRIPT", "MEDIA")
answer = {
    "collectstatic": flags("collectstatic"),
    "findstatic": flags("findstatic"),
    "runserver": flags("runserver"),
    "settings": [name for name in dir(global_settings) if name.startswith(prefixes)],
    "storage": sorted(attributes),
    "whitenoise": sorted({name for module in ["middleware", "storage", "base", "compress"]
        for name in re.findall(r"WHITENOISE_[A-Z_]+", source("whitenoise." + module))}),
}
try:
    from django_vite.core.asset_loader import DjangoViteConfig
    answer["django-vite"] = list(DjangoViteConfig._fields)
    answer["django-vite tags"] = re.findall(r"^def (\\w+)", source("django_vite.templatetags.django_vite"), re.M)
except ImportError:
    pass
print(json.dumps(answer))
`

type Answer = Readonly<Record<string, readonly string[]>>

function ask(python: string): Answer {
  return JSON.parse(execFileSync(python, ['-c', QUESTION], { encoding: 'utf8' }))
}

/** What the first column of a section's tables names. */
function namesIn(section: string, page: string = PAGE): string[] {
  const start = page.indexOf(`\n## ${section}\n`)
  if (start < 0) throw new Error(`there is no section '${section}'`)
  const text = page.slice(start + 4).split('\n## ')[0]!
  const cells = [...text.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gmu)].map(match => match[1]!)
  return cells.flatMap(cell => [...cell.matchAll(/`([^`]+?)(?:\(\))?`/gu)].map(match => match[1]!))
}

const COMMON = 'Flags of every command'

/** Sections with the kinds of names that they hold. */
const SECTIONS: Readonly<Record<string, (answer: Answer) => readonly string[]>> = {
  'Settings of Django': ({ settings }) => [...settings!, 'DEBUG', 'INSTALLED_APPS', 'TEMPLATES'],
  'Flags of `collectstatic`': ({ collectstatic }) => withoutCommon(collectstatic!),
  'Flags of `findstatic`': ({ findstatic }) => withoutCommon(findstatic!),
  'Flags of `runserver`': ({ runserver }) => withoutCommon(runserver!),
  [COMMON]: ({ collectstatic, findstatic }) => collectstatic!.filter(flag => findstatic!.includes(flag)),
  'Attributes of the storage': ({ storage }) => storage!,
  'Settings of WhiteNoise': ({ whitenoise }) => whitenoise!,
  'Settings of django-vite': answer => [...answer['django-vite']!, ...answer['django-vite tags']!],
}

function withoutCommon(flags: readonly string[]): string[] {
  const common = namesIn(COMMON)
  return flags.filter(flag => !common.includes(flag))
}

describeDocs('docs/settings.md', ({ python }) => {
  let answer: Answer
  beforeAll(() => {
    answer = ask(python)
  })

  test.each(Object.entries(SECTIONS))(
    '%s: names all that there is, each once, and nothing else',
    (section, there) => {
      const real = [...there(answer)].sort()
      expect(real.length).toBeGreaterThan(0)
      expect(namesIn(section).sort()).toEqual(real)
    },
  )

  test('a name that is missing on the page is noticed', () => {
    const page = PAGE.replace('`FILE_UPLOAD_HANDLERS`, ', '')
    expect(namesIn('Settings of Django', page)).not.toContain('FILE_UPLOAD_HANDLERS')
    expect(namesIn('Settings of Django')).toContain('FILE_UPLOAD_HANDLERS')
  })
})

describeEachDjango('docs/settings.md', ({ python }) => {
  test('names all that this Django and its WhiteNoise have', () => {
    const answer = ask(python)
    for (const [section, there] of Object.entries(SECTIONS)) {
      if (section === 'Settings of django-vite') continue
      expect(namesIn(section), section).toEqual(expect.arrayContaining([...there(answer)]))
    }
  })
})

describe('the options in docs/settings.md', () => {
  const options = new Set<keyof Options | string>(
    [...readPage('README.md').matchAll(/^\| `(\w+)` \| `/gmu)].map(match => match[1]!),
  )
  const used = [...PAGE.matchAll(/^\| .* \| `(\w+)(?:[`:.])/gmu)].map(match => match[1]!)

  test('are those of README', () => {
    expect(used.length).toBeGreaterThan(15)
    expect(
      used.filter(
        name => !options.has(name) && !['build', 'Manifest', 'staticfiles', 'DEBUG'].includes(name),
      ),
    ).toEqual([])
  })
})
