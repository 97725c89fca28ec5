import path from 'node:path'
import { defineConfig } from 'vitest/config'

/** `npm run record`: asks Django and WhiteNoise again for everything that the tests expect of them. */
export default defineConfig({
  root: path.resolve(import.meta.dirname, '../..'),
  test: {
    include: ['test/record/*.record.ts'],
    globalSetup: ['test/support/build-package.ts', 'test/support/django.ts'],
    testTimeout: 600_000,
  },
})
