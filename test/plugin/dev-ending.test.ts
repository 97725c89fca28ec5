import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/processes.ts'
import { project } from '../support/project.ts'

const VITE = path.resolve('node_modules/vite/bin/vite.js')

/** Starts the command `vite` in a project, asks it something, and returns what it has printed when it has ended. */
async function outputOf(options: string, signal: NodeJS.Signals, headers: Record<string, string> = {}) {
  const root = await project({
    'vite.config.js': `import { staticfiles } from 'vite-plugin-staticfiles'
      export default { plugins: [staticfiles({ dirs: ['static'], ${options} })] }`,
    'static/a.txt': 'a',
  })
  const port = await freePort()
  const args = [VITE, '--port', String(port), '--host', 'localhost']
  const vite = spawn(process.execPath, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
  onTestFinished(() => void vite.kill('SIGKILL'))
  let output = ''
  for (const stream of [vite.stdout, vite.stderr]) stream.on('data', data => (output += data))
  await eventually(async () => {
    const response = await fetch(`http://localhost:${port}/static/a.txt`, { headers })
    expect(await response.text()).toBe('a')
  })
  vite.kill(signal)
  await once(vite, 'close')
  return { output, ended: vite.signalCode ?? vite.exitCode }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  "%s: the terminal says what becomes of the pages on Django's port",
  async signal => {
    const { output, ended } = await outputOf("proxy: 'http://127.0.0.1:8123'", signal)
    expect(output).toContain('Vite has ended: pages at http://127.0.0.1:8123 lack the styles')
    if (signal === 'SIGINT') expect(ended).toBe('SIGINT')
  },
)

test('without a proxy it says so of the page that has used Vite, and nothing if there was none', async () => {
  const { output } = await outputOf('', 'SIGINT', { Origin: 'http://127.0.0.1:8124' })
  expect(output).toContain('Vite has ended: pages at http://127.0.0.1:8124 lack')
  expect((await outputOf('', 'SIGINT')).output).not.toContain('Vite has ended')
})
