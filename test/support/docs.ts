import type { TestProject } from 'vitest/node'
import { type DjangoEnvironment, docsEnvironment } from './python.ts'

declare module 'vitest' {
  interface ProvidedContext {
    docs: DjangoEnvironment
  }
}

/** Makes the environment of the pages once, as several test files need it. */
export default async function provideDocs(project: TestProject): Promise<void> {
  project.provide('docs', await docsEnvironment())
}
