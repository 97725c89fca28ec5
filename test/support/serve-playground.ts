import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import type { LiveDjango } from './live-django.ts'
import { untilAnswers } from './processes.ts'

const env = { ...process.env, DJANGO_DEBUG: '0', PYTHONDONTWRITEBYTECODE: '1' }

/** Serves a built playground as in production: Django with `DEBUG` off, and WhiteNoise where it is installed. */
export async function servePlayground(
  { python }: LiveDjango,
  project: string,
  origin: string,
): Promise<ChildProcess> {
  const options = { cwd: project, env, stdio: 'ignore' } as const
  execFileSync(python, ['manage.py', 'migrate'], options)
  const server = spawn(python, ['manage.py', 'runserver', '--noreload', new URL(origin).host], options)
  await untilAnswers(origin)
  return server
}
