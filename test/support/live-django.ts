import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import type { DjangoEnvironment } from './python.ts'

/** An environment that exists. */
export interface LiveDjango {
  readonly version: string
  readonly python: string
  readonly stamp: string
}

/** Declares tests for each version of Django; those without an environment are skipped, and fail on CI. */
export function describeEachDjango(title: string, declare: (django: LiveDjango) => void): void {
  for (const environment of inject('django')) declareWith(environment, title, declare)
}

/** Declares tests that would take too long with each version. */
export function describeNewestDjango(title: string, declare: (django: LiveDjango) => void): void {
  declareWith(inject('django').at(-1)!, title, declare)
}

function declareWith(environment: DjangoEnvironment, title: string, declare: (django: LiveDjango) => void) {
  const name = `${title}, Django ${environment.version}`
  if (isLive(environment)) describe(name, () => declare(environment))
  else declareAbsent(name, environment.reason ?? 'no environment')
}

export function isLive(environment: DjangoEnvironment): environment is LiveDjango {
  return environment.python !== undefined
}

function declareAbsent(name: string, reason: string): void {
  if (process.env.CI) test(name, () => expect.fail(reason))
  else test.skip(`${name}: ${reason}`)
}

const run = promisify(execFile)
const MEGABYTES = 2 ** 20

/** Runs a script that prints JSON. */
export async function runPython<Result>(python: string, script: string, input: unknown): Promise<Result> {
  const { stdout } = await run(python, ['-X', 'utf8', script, JSON.stringify(input)], {
    maxBuffer: 256 * MEGABYTES,
    timeout: 300_000,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  return JSON.parse(stdout)
}
