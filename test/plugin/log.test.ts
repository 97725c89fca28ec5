import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Log } from '../../src/plugin/log.ts'
import { tree } from '../support/tree.ts'

const root = path.resolve(import.meta.dirname, '../..')

describe('progress', () => {
  test('is one line that is replaced and cleared, in a terminal only', () => {
    vi.stubEnv('CI', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    for (const isTTY of [true, false]) {
      const written: string[] = []
      const terminal = {
        isTTY,
        write: (text: string) => written.push(text),
        clearLine: () => written.push('<clear>'),
        cursorTo: () => {},
      } as unknown as NodeJS.WriteStream
      const log = new Log({ info: text => written.push(text), warn: () => {} }, false, terminal)
      log.progress('one')
      log.progress('two')
      log.info('done')
      const texts = written.join('|')
      if (isTTY) expect(texts).toMatch(/^<clear>\|\r.*one ….*\|<clear>\|\r.*two ….*\|<clear>\|done$/s)
      else expect(texts).toBe('done')
    }
  })
})

describe('a build', () => {
  const files = {
    'static/a.css': 'a { background: url(a.png) }\n'.repeat(100),
    'static/a.png': 'png',
    'other/a.png': 'another',
  }

  test('ends with a summary in a few lines, without progress where it is piped', async () => {
    const { output } = await build(files, { conflicts: 'list' })
    const lines = output.split('\n').filter(line => line.trim() !== '')
    const start = lines.findIndex(line => line.includes('static files collected'))
    expect(lines[start]).toMatch(
      /^✓ 2 static files collected, 1 shadowed, \d siblings saving .* kB in \d+\.\d\ds$/,
    )
    expect(lines[start + 1]).toMatch(/^ {2}staticfiles\/staticfiles\.json names 2 files$/)
    expect(lines[start + 2]).toMatch(/^ {2}a\.png: .*static\/a\.png$/)
    expect(lines[start + 3]).toMatch(/^ {4}hides .*other\/a\.png$/)
    expect(output).not.toContain('…')
  })

  test('says nothing where it is silent, and still shows its errors', async () => {
    expect((await build(files, {}, 'silent')).output).toBe('')
    const broken = { ...files, 'static/b.css': 'a { background: url(aa.png) }' }
    const { output, status } = await build(broken, {}, 'silent')
    expect(status).toBe(1)
    expect(output).toContain('no file is named aa.png; did you mean a.png?')
    expect(output).not.toMatch(/^ {4}at .*dist\/index\.mjs/m)
  })

  test('names a folder that does not exist and the option that names it', async () => {
    const { output } = await build(files, { dirs: ['static', 'gone'] })
    expect(output).toMatch(/staticfiles: `dirs`: the folder .*gone does not exist/)
  })

  test('fails for different files of one name on request', async () => {
    const { output, status } = await build(files, { conflicts: 'error' })
    expect(status).toBe(1)
    expect(output).toMatch(
      /a name has different files\n {2}a\.png: .*static\/a\.png\n {4}hides .*other\/a\.png/,
    )
  })
})

async function build(files: Record<string, string>, options: object, logLevel = 'info') {
  const project = await tree(files)
  const dist = path.join(root, 'dist/index.mjs')
  const script = `
    import { build } from 'vite'
    import { staticfiles } from ${JSON.stringify(dist)}
    process.chdir(${JSON.stringify(project)})
    const options = ${JSON.stringify({ dirs: ['static', 'other'], ...options })}
    await build({ configFile: false, logLevel: ${JSON.stringify(logLevel)}, plugins: [staticfiles(options)] })
  `
  expect(readFileSync(dist, 'utf8')).not.toBe('')
  const { FORCE_COLOR: _, ...environment } = process.env
  const env = { ...environment, NO_COLOR: '1' }
  const args = ['--input-type=module', '--eval', script]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })
  return { output: stdout + stderr, status }
}
