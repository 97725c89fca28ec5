import type { TestProject } from 'vitest/node'
import { channelsEnvironment, type DjangoEnvironment, djangoEnvironments } from './python.ts'

declare module 'vitest' {
  interface ProvidedContext {
    django: DjangoEnvironment[]
    channels: DjangoEnvironment
  }
}

/** Makes the virtual environments once, for all the tests that ask Django. */
export default async function provideDjango(project: TestProject): Promise<void> {
  const [environments, channels] = await Promise.all([djangoEnvironments(), channelsEnvironment()])
  for (const { version, reason } of [...environments, channels]) {
    if (reason) console.warn(`Tests with Django ${version} do not run: ${reason}`)
  }
  project.provide('django', environments)
  project.provide('channels', channels)
}
