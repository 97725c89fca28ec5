import { describe, expect, inject, test } from 'vitest'
import { isLive, type LiveDjango } from '../support/live-django.ts'

/** Declares tests that need the environment of the pages; without it they are skipped, and fail on CI. */
export function describeDocs(title: string, declare: (django: LiveDjango) => void): void {
  const environment = inject('docs')
  if (isLive(environment)) describe(title, () => declare(environment))
  else if (process.env.CI) test(title, () => expect.fail(environment.reason))
  else test.skip(`${title}: ${environment.reason}`)
}
