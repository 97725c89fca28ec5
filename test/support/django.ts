import type { TestProject } from 'vitest/node'
import { type DjangoEnvironment, djangoEnvironments } from './python.ts'

declare module 'vitest' {
  interface ProvidedContext {
    django: DjangoEnvironment[]
  }
}

/** Makes the virtual environments once, for all the tests that ask Django. */
export default async function provideDjango(project: TestProject): Promise<void> {
  const environments = await djangoEnvironments()
  for (const { version, reason } of environments) {
    if (reason) console.warn(`Tests with Django ${version} do not run: ${reason}`)
  }
  project.provide('django', environments)
}
