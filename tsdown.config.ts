import { defineConfig } from 'tsdown'

export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      cli: 'src/cli/cli.ts',
      server: 'src/server/index.ts',
      worker: 'src/build/worker.ts',
      'serve-worker': 'src/server/processes/worker.ts',
    },
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    dts: true,
    publint: true,
    attw: { profile: 'esm-only', level: 'error' },
    // They run in the project's Python.
    copy: [{ from: 'src/options/django/ask*.py', to: 'dist' }],
  },
  // What `vite dev` sends to the browser.
  {
    entry: {
      client: 'src/browser/client/client.ts',
      'inspector/inspector': 'src/browser/inspector/inspector.ts',
    },
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    dts: false,
    copy: pageFiles('inspector', 'inspector.css'),
  },
  // The page of `staticfiles report`: one script, as it goes into one file.
  {
    entry: { 'report/report': 'src/browser/report/report.ts' },
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    inlineOnly: ['d3-hierarchy'],
    dts: false,
    copy: pageFiles('report', 'report.css'),
  },
])

/** What a page is made of besides its script. */
function pageFiles(folder: string, style: string): { from: string; to: string }[] {
  const files = [`${folder}/index.html`, `${folder}/${style}`, 'page/theme.css']
  return files.map(file => ({ from: `src/browser/${file}`, to: `dist/${folder}` }))
}
