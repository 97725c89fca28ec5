import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { filesOf } from '../support/files-of.ts'
import { project, staticfilesCommand } from '../support/project.ts'

const FILES = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [`static/${index}.txt`, `text ${index} `.repeat(3000 + index)]),
)

test.runIf(availableParallelism() > 1)(
  'processors beyond the threads of Node compress too, and make the same siblings',
  async () => {
    const root = await project({
      'vite.config.js': `
import { staticfiles } from 'vite-plugin-staticfiles'
export default { plugins: [staticfiles({ dirs: ['static'], staticRoot: process.env.TO, compress: { cache: false } })] }
`,
      ...FILES,
    })
    const [all, few] = [collect(root, 'all', String(availableParallelism())), collect(root, 'few', '1')]
    expect(all.threads).toBe(0)
    expect(few.threads).toBeGreaterThan(0)
    expect(Object.keys(few.files).filter(name => name.endsWith('.br'))).toHaveLength(120)
    expect(few.files).toEqual(all.files)
  },
)

/** @param threads of Node */
function collect(root: string, staticRoot: string, threads: string) {
  const env = { UV_THREADPOOL_SIZE: threads, NODE_DEBUG: 'worker', TO: staticRoot }
  const { code, stderr } = staticfilesCommand(root, ['collect', '--noinput'], env)
  expect(code, stderr).toBe(0)
  const read = (name: string) => readFileSync(path.join(root, staticRoot, name), 'base64')
  const files = filesOf(path.join(root, staticRoot)).filter(name => name !== 'staticfiles.releases.json')
  return {
    threads: stderr.match(/instantiating Worker/gu)?.length ?? 0,
    files: Object.fromEntries(files.map(name => [name, read(name)])),
  }
}
