import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import type { LiveDjango } from './live-django.ts'
import { copyPlayground, virtualEnvironment } from './playground.ts'
import { freePort, untilAnswers } from './processes.ts'
import { overwrite, untilWatched } from './watches.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** Where the browser opens the site: Vite's port shows Django's pages, or Django's pages name Vite's port. */
export type Mode = 'proxy' | 'STATIC_URL'

/** The playground under a real `vite` and a real `manage.py runserver`. */
export interface DevSite {
  /** The copy of the playground that may be edited. */
  readonly project: string
  /** Where the pages are. */
  readonly origin: string
  /** Where the static files are: `http://localhost:40123`. */
  readonly viteOrigin: string
  readonly djangoOrigin: string
  /** What Vite printed. */
  output(): string
  /** Changes a file once Vite watches it, by its path in the project. */
  edit(file: string, from: string | RegExp, to: string): Promise<void>
  stopDjango(): Promise<void>
  startDjango(): Promise<void>
  stop(): Promise<void>
}

/** Starts both, with the superuser `admin` (`secret`); `prepare` may change the copy before. */
export async function startDevSite(
  django: LiveDjango,
  { mode, vite = 'vite', prepare }: { mode: Mode; vite?: string; prepare?: (project: string) => void },
): Promise<DevSite> {
  const project = copyPlayground(django)
  prepare?.(project)
  const viteOrigin = `http://localhost:${await freePort()}`
  const djangoOrigin = `http://127.0.0.1:${await freePort()}`
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    VIRTUAL_ENV: virtualEnvironment(django),
    DJANGO_ORIGIN: djangoOrigin,
    NO_COLOR: '1',
    ...(mode === 'STATIC_URL' && { DJANGO_STATIC_URL: `${viteOrigin}/static/` }),
  }
  execFileSync(django.python, ['manage.py', 'migrate'], { cwd: project, env, stdio: 'ignore' })
  const superuser = { DJANGO_SUPERUSER_USERNAME: 'admin', DJANGO_SUPERUSER_PASSWORD: 'secret' }
  execFileSync(django.python, ['manage.py', 'createsuperuser', '--noinput', '--email', 'admin@example.com'], {
    cwd: project,
    env: { ...env, ...superuser },
    stdio: 'ignore',
  })
  const processes = new Set<ChildProcess>()
  let output = ''
  let runserver: ChildProcess | undefined

  function run(command: string, args: string[]): ChildProcess {
    // A group of its own: runserver's reloader has a child.
    const child = spawn(command, args, { cwd: project, env, detached: true })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', data => {
        output += data
      })
    }
    processes.add(child)
    return child
  }
  async function startDjango(): Promise<void> {
    runserver = run(django.python, ['manage.py', 'runserver', new URL(djangoOrigin).host])
    await untilAnswers(djangoOrigin)
  }
  async function stopDjango(): Promise<void> {
    if (runserver) await end(runserver)
  }

  await startDjango()
  const bin = path.join(ROOT, 'node_modules', vite, 'bin/vite.js')
  const { pid } = run(process.execPath, [bin, '--port', new URL(viteOrigin).port])
  await untilAnswers(`${viteOrigin}/static/img/logo.svg`)
  return {
    ...{ project, viteOrigin, djangoOrigin, startDjango, stopDjango },
    origin: mode === 'proxy' ? viteOrigin : djangoOrigin,
    output: () => output,
    async edit(file, from, to) {
      const full = path.join(project, file)
      const text = readFileSync(full, 'utf8')
      expect(text).toMatch(from)
      await untilWatched(full, pid)
      overwrite(full, text.replace(from, to))
    },
    async stop() {
      await Promise.all([...processes].map(end))
      rmSync(project, { recursive: true, force: true })
    },
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    child.once('exit', () => resolve())
    process.kill(-child.pid!, 'SIGKILL')
  })
}
