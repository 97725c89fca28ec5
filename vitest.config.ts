import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/build-package.ts', 'test/setup/django.ts', 'test/setup/docs.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
})
