import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import { isLive, type LiveDjango } from '../support/live-django.ts'
import { virtualEnvironment } from '../support/playground.ts'
import { managePy, project, projectFolder } from '../support/project.ts'
import { addTo, type Tree } from '../support/tree.ts'
import { blockOn, ROOT } from './pages.ts'

const SETTINGS = `
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SECRET_KEY = "only-for-tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "mysite.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.staticfiles", "polls"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
WSGI_APPLICATION = "mysite.wsgi.application"
`

const WSGI = `
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
application = get_wsgi_application()
`

const URLS = `
from django.urls import path
from django.views.generic import TemplateView
urlpatterns = [path("", TemplateView.as_view(template_name="polls/index.html"))]
`

const TESTS = `
from django.test import TestCase

class Index(TestCase):
    def test_shows_the_script(self):
        self.assertContains(self.client.get("/"), "/static/polls/app")
`

/** Larger than what Vite puts into a bundle. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><g id="icon" fill="none" stroke="currentColor">${Array.from(
  { length: 200 },
  (_, i) => `<path d="M${i} 0 L${64 - i} 64"/>`,
).join('')}</g></svg>\n`

/** The project that the pages speak of, with the settings, the configuration and the template of README.md. */
export const MYSITE: Tree = {
  'package.json': '{ "name": "mysite", "private": true, "type": "module" }\n',
  'manage.py': managePy('mysite.settings'),
  'vite.config.ts': blockOn('README.md', 'ts').text.replace(
    'django:',
    "entries: ['polls/app.ts', 'css/site.css'],\n      django:",
  ),
  'mysite/__init__.py': '',
  'mysite/settings/__init__.py': SETTINGS + blockOn('README.md', 'python').text,
  'mysite/settings/production.py': 'from mysite.settings import *\n',
  'mysite/urls.py': URLS,
  'mysite/wsgi.py': WSGI,
  'polls/__init__.py': '',
  'polls/tests.py': TESTS,
  'polls/templates/polls/index.html': blockOn('README.md', 'html').text,
  'polls/static/polls/app.ts': `import './app.css'\nconst title: string = 'Polls'\ndocument.title = \`\${title}, ready\`\n`,
  'polls/static/polls/app.css': 'h1 { color: teal }\n',
  'polls/static/polls/style.css': "h1 { background: url('../img/logo.svg') no-repeat }\n",
  'static/css/site.css': "@import './reset.css';\nbody { font-family: sans-serif }\n",
  'static/css/reset.css': 'body { margin: 0 }\n',
  'static/img/logo.svg': LOGO,
}

function docsDjango(): LiveDjango | undefined {
  const environment = inject('docs')
  return isLive(environment) ? environment : undefined
}

/** What commands in a project see: its own `npx`, and Django. */
export function projectEnvironment(root: string): NodeJS.ProcessEnv {
  const django = docsDjango()
  const bin = django ? [path.join(virtualEnvironment(django), 'bin')] : []
  return {
    ...process.env,
    PATH: [path.join(root, 'node_modules/.bin'), ...bin, process.env.PATH].join(path.delimiter),
    ...(django && { VIRTUAL_ENV: virtualEnvironment(django) }),
    PYTHONDONTWRITEBYTECODE: '1',
    NO_COLOR: '1',
    // A package that is not there is not fetched.
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  }
}

/** Writes the project into a new folder, which goes when the test ends. */
export async function mysite(more: Tree = {}): Promise<string> {
  const root = await project({ ...MYSITE, ...more })
  linkPackages(root)
  return root
}

/** The same, for all tests of a `describe`. */
export async function sharedMysite(more: Tree = {}): Promise<string> {
  const root = await projectFolder()
  await addTo(root, { ...MYSITE, ...more })
  linkPackages(root)
  return root
}

/** As if npm had installed them. */
function linkPackages(root: string): void {
  mkdirSync(path.join(root, 'node_modules/.bin'), { recursive: true })
  const link = (target: string, name: string) =>
    symlinkSync(path.join(ROOT, target), path.join(root, 'node_modules', name))
  for (const name of ['vite', 'rollup', 'sass', '@types']) link(`node_modules/${name}`, name)
  link('.', 'vite-plugin-staticfiles')
  link('node_modules/.bin/vite', '.bin/vite')
  link('dist/cli.mjs', '.bin/staticfiles')
  // Those of the environment name the folder in which it was made.
  for (const name of ['pytest', 'gunicorn']) {
    const script = `#!/bin/sh\nexec python -P -m ${name} "$@"\n`
    writeFileSync(path.join(root, 'node_modules/.bin', name), script, { mode: 0o755 })
  }
}

/** Without the settings of who runs the tests: Debian's bash reads them where its input is a socket, as Node's is. */
export const BASH: readonly string[] = ['--norc', '--noprofile']

/** Runs a line of a shell in a project; what it printed, both streams together. */
export function shell(root: string, line: string, env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync('bash', [...BASH, '-euo', 'pipefail', '-c', line], {
    cwd: root,
    env: { ...projectEnvironment(root), ...env },
    encoding: 'utf8',
    timeout: 120_000,
  })
  const output = stdout + stderr
  if (status !== 0) throw new Error(`${line}: exit code ${status}\n${output}`)
  return output
}

/** A build with the configuration that lies in the project; what it printed. */
export function buildMysite(root: string): string {
  return shell(root, 'vite build')
}

/** The manifest of a build. */
export function pathsOf(root: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(root, 'staticfiles/staticfiles.json'), 'utf8')).paths
}
