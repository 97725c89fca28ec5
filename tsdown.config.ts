import { defineConfig } from 'tsdown'

export default defineConfig([
  {
    entry: { index: 'src/index.ts', cli: 'src/cli/cli.ts' },
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    dts: true,
    publint: true,
    attw: { profile: 'esm-only', level: 'error' },
    // Runs in the project's Python.
    copy: [{ from: 'src/django/ask.py', to: 'dist' }],
  },
  // What `vite dev` sends to the browser.
  {
    entry: { client: 'src/client/client.ts', 'inspector/inspector': 'src/inspector/inspector.ts' },
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    dts: false,
    copy: ['index.html', 'inspector.css'].map(file => ({
      from: `src/inspector/${file}`,
      to: 'dist/inspector',
    })),
  },
])
