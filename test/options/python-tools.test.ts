import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { askDjango } from '../../src/options/django/ask.ts'
import { questionOf } from '../../src/options/django/question.ts'
import { describeNewestDjango } from '../support/live-django.ts'
import { managePy } from '../support/project.ts'
import { toolsEnvironment } from '../support/python.ts'
import { tree } from '../support/tree.ts'

describeNewestDjango('the Python that a tool manages', django => {
  let tools: string

  beforeAll(async () => {
    const { python, reason } = await toolsEnvironment()
    expect(reason).toBeUndefined()
    tools = path.dirname(python!)
  })

  /** What pip has made of the command names the folder in which the environment was made. */
  const POETRY = () => `#!/bin/sh\nexec ${tools}/python -m poetry "$@"\n`

  /** A project that needs nothing from an index, and the environment of somebody who has the tools. */
  async function managedProject(pyproject: string) {
    const root = await tree({
      '.git/': '',
      'pyproject.toml': pyproject,
      'bin/poetry': POETRY(),
      'backend/manage.py': managePy('settings'),
      'backend/settings.py':
        'SECRET_KEY = "x"\nSTATIC_URL = "/managed/"\nSTATIC_ROOT = "/out"\nINSTALLED_APPS = ["django.contrib.staticfiles"]\n',
    })
    chmodSync(`${root}/bin/poetry`, 0o755)
    const env: NodeJS.ProcessEnv = {
      ...{ PATH: [`${root}/bin`, tools, process.env.PATH].join(path.delimiter), HOME: `${root}/home` },
      ...{ UV_PROJECT_ENVIRONMENT: `${root}/elsewhere/uv`, UV_OFFLINE: '1' },
      ...{ POETRY_VIRTUALENVS_PATH: `${root}/elsewhere/poetry`, POETRY_VIRTUALENVS_IN_PROJECT: 'false' },
    }
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: root, env, encoding: 'utf8', stdio: 'pipe' })
    const ask = () => {
      const question = questionOf({ django: 'backend/manage.py' }, root, `${root}/cache`)!
      return askDjango({ ...question, env })
    }
    return { root, env, run, ask }
  }

  /** As if the environment had installed Django. */
  function borrowDjango(python: string): void {
    const folder = (file: string) =>
      execFileSync(file, ['-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])'], {
        encoding: 'utf8',
      }).trim()
    writeFileSync(path.join(folder(python), 'borrowed.pth'), folder(django.python))
  }

  test('is that of uv, with an environment elsewhere', async () => {
    const { root, run, ask } = await managedProject(
      '[project]\nname = "site"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = []\n',
    )
    run('uv', 'sync', '--quiet', '--python', django.python)
    expect(existsSync(`${root}/uv.lock`)).toBe(true)
    expect(existsSync(`${root}/.venv`)).toBe(false)
    borrowDjango(`${root}/elsewhere/uv/bin/python`)
    const { answer } = await ask()
    expect(answer.staticUrl).toBe('/managed/')
    expect(answer.executable).toBe(`${root}/elsewhere/uv/bin/python`)
    rmSync(`${root}/elsewhere`, { recursive: true })
    rmSync(`${root}/cache`, { recursive: true })
    await expect(ask()).rejects.toThrow(/Django could not be asked|no Python was found/)
    // Asking makes no environment that the user has not made.
    expect(existsSync(`${root}/elsewhere/uv`)).toBe(false)
  })

  test('is that of Poetry, with an environment outside the project', async () => {
    const { root, run, ask } = await managedProject(
      '[project]\nname = "site"\nversion = "1"\nrequires-python = ">=3.10"\n\n[tool.poetry]\npackage-mode = false\n',
    )
    run('poetry', 'lock', '--quiet')
    run('poetry', 'env', 'use', '--quiet', django.python)
    const python = run('poetry', 'env', 'info', '--executable').trim()
    expect(python.startsWith(`${root}/elsewhere/poetry/`)).toBe(true)
    expect(existsSync(`${root}/.venv`)).toBe(false)
    borrowDjango(python)
    const { answer } = await ask()
    expect(answer.staticUrl).toBe('/managed/')
    expect(answer.executable).toBe(python)
  })
})
