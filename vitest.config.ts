import { defineConfig } from 'vitest/config'

/** They kill processes in the middle of their work, keep all processors busy, or count what is open. */
const ALONE = ['build/crash', 'cli/ends', 'server/security'].map(name => `test/${name}.test.ts`)
const timeouts = { testTimeout: 60_000, hookTimeout: 600_000 }

export default defineConfig({
  test: {
    globalSetup: ['test/support/build-package.ts', 'test/support/django.ts', 'test/support/docs.ts'],
    projects: [
      {
        test: {
          ...{ name: 'together', include: ['test/**/*.test.ts'], exclude: ALONE, ...timeouts },
          ...{ maxWorkers: 2, sequence: { groupOrder: 0 } },
        },
      },
      {
        test: {
          ...{ name: 'alone', include: ALONE, ...timeouts },
          ...{ maxWorkers: 1, sequence: { groupOrder: 1 } },
        },
      },
    ],
  },
})
