import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { blockOn, ROOT, readPage } from './pages.ts'

const SOURCES = path.join(ROOT, 'src')

/** The rooms of the picture in docs/design.md, each with how far right it stands. */
const ORDER = new Map(
  blockOn('docs/design.md', 'text rooms')
    .text.trim()
    .split(' → ')
    .flatMap((rooms, place) => rooms.split(', ').map(room => [room, place] as const)),
)

describe('the rooms in docs/design.md', () => {
  test('are those of src/', () => {
    const rooms = readdirSync(SOURCES).sort()
    expect([...ORDER.keys(), 'browser'].sort()).toEqual(rooms)
    expect(firstCells('docs/design.md', 'room').sort()).toEqual(rooms)
  })

  test('stand to the right of those that import them', () => {
    const imports = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .flatMap(file => importsOf(file.replaceAll(path.sep, '/')))
    expect(imports.length).toBeGreaterThan(100)
    expect(imports.filter(({ from, to }) => !isToTheRight(from, to))).toEqual([])
    expect(isToTheRight('base', 'finders')).toBe(false)
    expect(isToTheRight('build', 'server')).toBe(false)
  })
})

test('the map in CONTRIBUTING.md has all rooms', () => {
  const rooms = firstCells('CONTRIBUTING.md', 'room of `src/`')
  expect(['index.ts', ...rooms].sort()).toEqual(readdirSync(SOURCES).sort())
})

/** What the first column of a table has in code spans. */
function firstCells(page: string, head: string): string[] {
  const [, table = ''] = readPage(page).split(`| ${head} |`)
  const rows = table.split('\n\n')[0]!.split('\n')
  return rows.flatMap(row => /^\| `([^`]+)`/u.exec(row)?.[1] ?? [])
}

/** The imports of a file from other rooms. */
function importsOf(file: string): { file: string; from: string; to: string }[] {
  const text = readFileSync(path.join(SOURCES, file), 'utf8')
  const roomOf = (name: string) => name.split('/')[0]!
  return [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/gu)]
    .map(match => path.posix.join(path.posix.dirname(file), match[1]!))
    .map(target => ({ file, from: roomOf(file), to: roomOf(target) }))
    .filter(({ from, to }) => from !== to)
}

/** The browser takes types from any room. */
function isToTheRight(from: string, to: string): boolean {
  return from === 'browser' || ORDER.get(from)! < ORDER.get(to)!
}
