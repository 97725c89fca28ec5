import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { ROOT, readPage } from './pages.ts'

test.each([
  ['Options', 'options.ts', '`staticfiles(options)`; all are optional.'],
  ['CompressOptions', 'compression.ts', '`compress`:'],
])('README has a row for each of %s, in the same order', (type, file, start) => {
  const names = membersOf(`src/options/${file}`, type)
  expect(names.length).toBeGreaterThan(5)
  expect(rowsBehind('README.md', start)).toEqual(names)
})

test('docs/command-line.md has a row for each command', () => {
  const commands = readdirSync(path.join(ROOT, 'src/cli/commands')).map(file => path.parse(file).name)
  expect(commands.length).toBeGreaterThan(5)
  expect(rowsBehind('docs/command-line.md', 'npx staticfiles --help').sort()).toEqual(commands.sort())
})

/** The names of an interface's members. */
function membersOf(file: string, name: string): string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const type = statements.filter(ts.isInterfaceDeclaration).find(each => each.name.text === name)
  return type?.members.map(member => member.name!.getText()) ?? []
}

/** The first word of each row of the first table behind a text. */
function rowsBehind(page: string, start: string): string[] {
  const [, rest = ''] = readPage(page).split(start)
  const table = /(?:^\|.*\n)+/mu.exec(rest)?.[0] ?? ''
  return [...table.matchAll(/^\| `(\w+)/gmu)].map(match => match[1]!)
}
