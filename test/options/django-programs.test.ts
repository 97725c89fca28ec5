import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { askDjango } from '../../src/options/django/ask.ts'
import { questionOf } from '../../src/options/django/question.ts'
import { describeNewestDjango, type LiveDjango } from '../support/live-django.ts'
import { type Tree, tree } from '../support/tree.ts'

const MANAGE = `
import os, sys
if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
`

const SETTINGS = `
import os
from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.staticfiles", "site_app.apps.Config"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "out"
`

/** A project whose settings, and whose `AppConfig.ready()`, run more than settings usually do. */
function projectWith(settings: string, ready = 'pass'): Promise<string> {
  const files: Tree = {
    'manage.py': MANAGE,
    'settings.py': SETTINGS + settings,
    'site_app/__init__.py': '',
    'site_app/apps.py': `
from django.apps import AppConfig

class Config(AppConfig):
    name = "site_app"
    def ready(self):
        ${ready.trim().replaceAll('\n', '\n        ')}
`,
  }
  return tree(files)
}

function ask(root: string, { python }: LiveDjango) {
  const django = { manage: 'manage.py', python }
  return askDjango(questionOf({ django }, root, `${root}/.vite`)!)
}

describeNewestDjango('settings that start programs', django => {
  test.each<[string, string, string]>([
    [
      'by name',
      'import subprocess; STATIC_URL = subprocess.check_output(["echo", "/a/"], text=True).strip()',
      '',
    ],
    [
      'with an environment of their own',
      'import subprocess; STATIC_URL = subprocess.run(["sh", "-c", "echo $A"], env={**os.environ, "A": "/a/"}, capture_output=True, text=True).stdout.strip()',
      '',
    ],
    ['by a shell', 'STATIC_URL = os.popen("echo /a/").read().strip()', ''],
    [
      'when the apps are ready',
      '',
      `import subprocess
from django.conf import settings
settings.STATIC_URL = subprocess.check_output(["echo", "/a/"], text=True).strip()`,
    ],
  ])('%s', async (_, settings, ready) => {
    const root = await projectWith(settings, ready || 'pass')
    expect((await ask(root, django)).answer.staticUrl).toBe('/a/')
  })

  test('do not wait for those that go on, and get their answer', async () => {
    const root = await projectWith(`
import subprocess
CHILD = subprocess.Popen(["sleep", "600"])
(BASE_DIR / "pid").write_text(str(CHILD.pid))
`)
    try {
      expect((await ask(root, django)).answer.staticUrl).toBe('/static/')
    } finally {
      process.kill(Number(readFileSync(`${root}/pid`, 'utf8')))
    }
  })
})

describeNewestDjango('settings', django => {
  test.each<[string, string]>([
    [
      'look up variables as bytes',
      'os.environb[b"PATH"]; os.environ.get("PATH"); os.environb.get(b"\\xff", b"")',
    ],
    [
      'look up variables by what cannot be a name',
      `
for name in (b"PATH", None, 1, []):
    try:
        os.environ[name]
    except TypeError as error:
        assert str(error).startswith("str expected, not "), error
`,
    ],
    [
      'copy and change the environment',
      `
import copy
before = len(os.environ)
assert "PATH" in dict(os.environ) and type(os.environ).__name__ == "_Environ"
assert copy.deepcopy(os.environ)["PATH"] == os.environ["PATH"]
os.environ |= {"A": "1"}
assert os.environ.pop("A") == "1" and len(os.environ) == before
`,
    ],
    [
      'open files by paths of every type',
      `
for file in (BASE_DIR / "settings.py", bytes(BASE_DIR / "settings.py"), str(BASE_DIR / "settings.py")):
    descriptor = os.open(file, os.O_RDONLY)
    open(descriptor).close()
for file in ("\\0", "x" * 5000, b"\\xff"):
    try:
        open(file)
    except (OSError, ValueError):
        pass
`,
    ],
    [
      'put another function in the place of open()',
      `
import builtins, io, json, traceback
def broken(*args, **kwargs):
    raise RuntimeError("no files")
builtins.open = io.open = json.dump = broken
`,
    ],
    ['take away their output', 'import sys; sys.stdout = sys.stderr = None; os.close(2)'],
    ['print much', 'import sys; print("x" * 5_000_000); sys.stderr.write("y" * 5_000_000)'],
    [
      'start threads that never end, and that go on reading',
      `
import threading
def read():
    while True:
        for number in range(1000):
            os.environ.get(f"NAME_{number}")
threads = [threading.Thread(target=read) for _ in range(2)]
for thread in threads:
    thread.start()
`,
    ],
    [
      'fork',
      `
import sys
for end in (sys.exit, os._exit, lambda status: None):
    child = os.fork()
    if child == 0:
        end(3)
        break
    assert end not in (sys.exit, os._exit) or os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
`,
    ],
    [
      'start processes that import manage.py',
      `
import multiprocessing
if __name__ == "settings" and multiprocessing.parent_process() is None:
    process = multiprocessing.get_context("spawn").Process(target=print, args=("in another process",))
    process.start()
    process.join()
    assert process.exitcode == 0
`,
    ],
    [
      'leave the working directory, which is gone then',
      `
import tempfile
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
try:
    open("nothing.txt")
except OSError:
    pass
`,
    ],
    [
      'hold values that JSON cannot',
      `
class Odd:
    def __str__(self):
        raise RuntimeError("no text")
WHITENOISE_A, WHITENOISE_B, WHITENOISE_C = Odd(), float("inf"), {Odd(): [b"x"]}
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}, "odd": {"ENGINE": None, "NAME": 1}}
`,
    ],
  ])('may %s', async (_, settings) => {
    const root = await projectWith(settings)
    expect((await ask(root, django)).answer).toMatchObject({
      staticUrl: '/static/',
      staticRoot: `${root}/out`,
    })
  })

  test('of a process that was started import manage.py, also when the apps are ready', async () => {
    const root = await projectWith(
      '',
      `
import multiprocessing
if multiprocessing.parent_process() is None:
    process = multiprocessing.get_context("spawn").Process(target=print)
    process.start()
    process.join()
    assert process.exitcode == 0, process.exitcode
`,
    )
    expect((await ask(root, django)).answer.staticUrl).toBe('/static/')
  })
})

describeNewestDjango('an answer', django => {
  /** Counts how often Django was asked; the file is one that nobody reads. */
  const COUNTED = `
import os
descriptor = os.open(os.environ["COUNTER"], os.O_WRONLY | os.O_APPEND)
os.write(descriptor, b"x")
`
  async function counted(settings: string, ready = 'pass') {
    const counter = `${await tree({ counter: '' })}/counter`
    vi.stubEnv('COUNTER', counter)
    const root = await projectWith(`${settings}\n`, `${ready}\n${COUNTED.trim()}`)
    return { root, times: () => readFileSync(counter, 'utf8').length }
  }

  test.each<[string, string]>([
    ['a program', 'import subprocess; subprocess.run(["true"])'],
    ['a server', 'import socket; socket.getaddrinfo("localhost", 80)'],
    ['a client in C', 'import sys; sys.path.insert(0, str(BASE_DIR / "lib")); import psycopg'],
  ])('of settings that ask %s is not kept', async (_, settings) => {
    const { root, times } = await counted(settings)
    execFileSync('mkdir', [`${root}/lib`])
    writeFileSync(`${root}/lib/psycopg.py`, '')
    await ask(root, django)
    await ask(root, django)
    expect(times()).toBe(2)
    vi.unstubAllEnvs()
  })

  test('of settings that ask nobody is kept', async () => {
    const { root, times } = await counted('os.system("true"); os.environ.get("A")')
    await ask(root, django)
    await ask(root, django)
    expect(times()).toBe(1)
    vi.unstubAllEnvs()
  })

  test('follows a database that is read at import', async () => {
    const { root, times } = await counted(`
import sqlite3
STATIC_URL = sqlite3.connect(BASE_DIR / "config.db").execute("select url from config").fetchone()[0]
`)
    const sql = (text: string) =>
      execFileSync(django.python, [
        '-c',
        `import sqlite3; c = sqlite3.connect("${root}/config.db"); ${text}; c.commit()`,
      ])
    sql('c.execute("create table config (url)"); c.execute("insert into config values (?)", ["/one/"])')
    expect((await ask(root, django)).answer.staticUrl).toBe('/one/')
    await ask(root, django)
    expect(times()).toBe(1)
    sql('c.execute("update config set url = ?", ["/other/"])')
    expect((await ask(root, django)).answer.staticUrl).toBe('/other/')
    vi.unstubAllEnvs()
  })

  test('follows a change that keeps the size and the time of a file', async () => {
    const root = await projectWith('STATIC_URL = "/one/"')
    expect((await ask(root, django)).answer.staticUrl).toBe('/one/')
    const { atime, mtime } = statSync(`${root}/settings.py`)
    writeFileSync(`${root}/settings.py`, `${SETTINGS}STATIC_URL = "/two/"`)
    utimesSync(`${root}/settings.py`, atime, mtime)
    expect((await ask(root, django)).answer.staticUrl).toBe('/two/')
  })

  test('follows variables that settings only list', async () => {
    const { root, times } = await counted(
      'STATIC_URL = next((os.environ[name] for name in sorted(os.environ) if name.startswith("SITE_URL_")), "/static/")',
    )
    expect((await ask(root, django)).answer.staticUrl).toBe('/static/')
    vi.stubEnv('npm_lifecycle_event', 'another command')
    await ask(root, django)
    expect(times()).toBe(1)
    vi.stubEnv('SITE_URL_1', '/new/')
    expect((await ask(root, django)).answer.staticUrl).toBe('/new/')
    vi.unstubAllEnvs()
  })
})
