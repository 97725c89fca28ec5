import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, untilAnswers } from '../support/processes.ts'
import { buildMysite, mysite, pathsOf } from './mysite.ts'
import { BLOCKS, type Block, blockOn, blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'
import { asModule, configurationOf, typeErrors } from './typescript.ts'

/** With all that README's script asks for. */
const FULL = "staticfiles({ django: 'manage.py', integrity: true, types: 'static-names.d.ts' })"

/** The project of README, built as the page of the block says; with the entries of README, whose hashes the pages show. */
async function builtMysite(block?: Block): Promise<string> {
  const config = configurationOf(block === undefined ? FULL : pluginBefore(block)).replace(
    "django: 'manage.py',",
    "django: 'manage.py', entries: ['polls/app.ts', 'css/site.css'],",
  )
  const root = await mysite({ 'vite.config.ts': config, 'shop/cart/static/cart.css': '' })
  buildMysite(root)
  return root
}

/** The last call of the plugin that the page shows before a block. */
function pluginBefore(block: Block): string {
  const before = BLOCKS.slice(0, BLOCKS.indexOf(block)).findLast(
    ({ page, kind, text }) =>
      page === block.page && kind === 'ts' && text.startsWith("staticfiles({ django: 'manage.py',"),
  )
  return before?.text ?? FULL
}

/** A value behind `//` that can be compared; prose, as in `// the names alone`, cannot. */
const VALUE = /^(?<value>'[^']*'|true|false|\d+)(?:$|, )/u

/** A script whose statements `expression // 'value'` note what they give. */
function noting(text: string): string {
  const lines = text.split('\n').map(line => {
    const [, code, comment] = line.match(/^(\S.*?) \/\/ (.*)$/u) ?? []
    if (code === undefined || /^(?:import|const|\/\/)/u.test(code)) return line
    return `notes.push([${JSON.stringify(comment)}, ${code}])`
  })
  return `const notes = []\n${lines.join('\n')}\nconsole.log(JSON.stringify(notes))\n`
}

/** Runs a script; each value that it shows, with what it is. */
function run(root: string, text: string): { shown: string; is: unknown }[] {
  writeFileSync(path.join(root, 'script.mjs'), asModule(noting(text)))
  const notes: [string, unknown][] = JSON.parse(
    execFileSync(process.execPath, ['script.mjs'], { cwd: root, encoding: 'utf8' }),
  )
  return notes.flatMap(([comment, is]) => {
    const shown = VALUE.exec(comment)?.groups?.value
    return shown === undefined ? [] : [{ shown: shown.replaceAll("'", ''), is }]
  })
}

/** `…` stands for anything. */
function matches(shown: string, is: unknown): boolean {
  const parts = shown.split('…').map(part => part.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(String(is))
}

describeDocs('a script of the pages', () => {
  test.each(blocksOf('js'))('%s has the right types, and gives what it says', async (_, block) => {
    const { text } = block
    const root = await builtMysite(block)
    expect(typeErrors(root, 'script.js', asModule(text))).toEqual([])
    expect(run(root, text).filter(({ shown, is }) => !matches(shown, is))).toEqual([])
  })

  test('shows values that are compared', async () => {
    const root = await builtMysite()
    expect(run(root, blockOn('README.md', 'js').text)).toHaveLength(7)
    const wrong =
      "Manifest.load('staticfiles/staticfiles.json').url('css/site.css') // '/static/css/site.000000000000.css'"
    const [note] = run(root, wrong)
    expect(matches(note!.shown, note!.is)).toBe(false)
    expect(() => run(root, 'Manifest.lod() // 1')).toThrow('lod is not a function')
  })

  test.each(blocksOf('js server'))('%s serves pages with hashed names', async (_, { text }) => {
    const root = await builtMysite()
    const port = await freePort()
    expect(typeErrors(root, 'script.js', text)).toEqual([])
    writeFileSync(
      path.join(root, 'script.mjs'),
      text.replace('.listen(3000)', `.listen(${port}, '127.0.0.1')`),
    )
    const server = spawn(process.execPath, ['script.mjs'], { cwd: root, stdio: 'ignore' })
    onTestFinished(() => void server.kill())
    const origin = `http://127.0.0.1:${port}/`
    await untilAnswers(origin)
    expect(await (await fetch(origin)).text()).toMatch(
      /href="https:\/\/cdn\.example\.com\/static\/css\/site\.[\da-f]{12}\.css"/u,
    )
  })

  test.each(blocksOf('ts finder'))('%s is a finder that a build asks', async (_, { text }) => {
    const config = `import { pressFinder } from './press.ts'\n${configurationOf("staticfiles({ finders: [pressFinder('press')] })")}`
    const root = await mysite({ 'press.ts': text, 'press/2026.pdf': 'PDF', 'press/notes.txt': '' })
    expect(typeErrors(root, 'vite.config.ts', config)).toEqual([])
    buildMysite(root)
    expect(Object.keys(pathsOf(root))).toEqual(['press/2026.pdf'])
  })

  test.each(blocksOf('ts error'))('%s is the type error that it shows', async (_, { text }) => {
    const root = await builtMysite()
    const [code, message] = text.split('\n')
    const module = asModule(`const manifest = Manifest.load('staticfiles/staticfiles.json')\n${code}\n`)
    const script = `/// <reference path="./static-names.d.ts" />\n${module}`
    const errors = typeErrors(root, 'script.ts', script)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(message!.replace(/^\/\/ |…$/gu, ''))
    expect(typeErrors(root, 'script.ts', script.replace('sit.css', 'site.css'))).toEqual([])
  })
})
