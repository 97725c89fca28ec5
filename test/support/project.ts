import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { LiveDjango } from './live-django.ts'
import { virtualEnvironment } from './playground.ts'
import { addTo, type Tree } from './tree.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** A new folder in the repository, where a configuration finds the package; the caller removes it. */
export async function projectFolder(): Promise<string> {
  const beside = path.join(ROOT, '.cache/projects')
  mkdirSync(beside, { recursive: true })
  return mkdtempSync(path.join(beside, 'project-'))
}

/** Writes a project into such a folder, which goes when the test ends. */
export async function project(files: Tree): Promise<string> {
  const root = await projectFolder()
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await addTo(root, files)
  return root
}

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command in a project. */
export function staticfilesCommand(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): CommandResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'dist/cli.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
  })
  return { code: status, stdout, stderr }
}

/** Starts the built command in a project, and does not wait for its end. */
export function startCommand(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [path.join(ROOT, 'dist/cli.mjs'), ...args], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, ...env },
  })
}

/** The exit code of a process, once it has ended; `null` where a signal ended it. */
export function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise(resolve => child.once('exit', resolve))
}

/** The environment in which a command finds a Django. */
export function djangoEnvironment(django: LiveDjango): Record<string, string> {
  return { VIRTUAL_ENV: virtualEnvironment(django), PYTHONDONTWRITEBYTECODE: '1' }
}

/** A `manage.py` as Django makes it, short. */
export function managePy(settings: string): string {
  return `
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "${settings}")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`
}
