// `npm run bench:django -- PYTHON`: what `django` adds to a start of Vite when the answer is known already. PYTHON has
// Django; default: python3.
//
// A new process each time resolves Vite's configuration, in turns with `django: 'manage.py'`, whose answer is in the
// cache, and with the same options by hand: what both read (templates) costs both the same.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const STARTS = 25
const APPS = ['admin', 'auth', 'contenttypes', 'sessions', 'messages', 'staticfiles']

if (process.argv[2] === '--start') await start(process.argv[3], JSON.parse(process.argv[4]))
else compare(process.argv[2] ?? 'python3')

function compare(python) {
  const root = mkdtempSync(path.join(tmpdir(), 'staticfiles-bench-'))
  try {
    makeProject(root)
    const asking = { django: { manage: 'manage.py', python } }
    const { answer } = run(root, asking)
    const byHand = {
      ...{ staticUrl: answer.staticUrl, staticRoot: answer.staticRoot, apps: answer.apps },
      ...{ templates: answer.templates, entries: 'templates' },
    }
    run(root, byHand)
    const pairs = Array.from({ length: STARTS }, () => [run(root, byHand).time, run(root, asking).time])
    console.log(`Resolving the configuration of Vite, ${APPS.length} apps of Django, ${STARTS} pairs:`)
    console.log(
      `  options by hand       ${describe(
        pairs.map(([hand]) => hand),
        ' ms',
      )}`,
    )
    console.log(
      `  a known answer        ${describe(
        pairs.map(([, django]) => django),
        ' ms',
      )}`,
    )
    console.log(
      `  added                 ${describe(
        pairs.map(([hand, django]) => django - hand),
        ' ms',
      )}`,
    )
    console.log(
      `  ratio                 ${describe(
        pairs.map(([hand, django]) => django / hand),
        '',
      )}`,
    )
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function makeProject(root) {
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }')
  const settings = `
from pathlib import Path
BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "out"
INSTALLED_APPS = [${APPS.map(app => `"django.contrib.${app}"`).join(', ')}]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
`
  const manage = `
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`
  writeFileSync(path.join(root, 'settings.py'), settings)
  writeFileSync(path.join(root, 'manage.py'), manage)
}

function run(root, options) {
  const args = [fileURLToPath(import.meta.url), '--start', root, JSON.stringify(options)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

/** Prints milliseconds, without the time that imports take, and Django's answer. */
async function start(root, options) {
  const [{ resolveConfig }, { staticfiles }] = [await import('vite'), await import('../dist/index.mjs')]
  const began = performance.now()
  const config = await resolveConfig({ root, configFile: false, plugins: [staticfiles(options)] }, 'serve')
  const time = performance.now() - began
  const { django } = config.plugins.find(({ name }) => name === 'staticfiles').api.project()
  console.log(JSON.stringify({ time, answer: django?.answer }))
}

function describe(values, unit) {
  const sorted = values.toSorted((one, other) => one - other)
  const shown = value => `${value.toFixed(2)}${unit}`
  return `median ${shown(sorted[sorted.length >> 1])} (${shown(sorted[0])} to ${shown(sorted.at(-1))})`
}
