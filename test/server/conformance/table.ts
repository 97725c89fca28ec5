import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { FactGroup } from './fact.ts'

const PAGE = path.resolve(import.meta.dirname, '../../../docs/serving.md')
const [START, END] = ['<!-- `npm run record -- conformance` writes this -->', '<!-- until here -->']

/** Whether each fact of a server holds, by the group's title and what the fact states. */
export type Column = ReadonlyMap<string, boolean>

export function keyOf({ title }: FactGroup, states: string): string {
  return `${title}\n${states}`
}

/** What a column of the page says. */
export interface Documented {
  /** The server with its version, if it has one: `nginx 1.22.1`. */
  readonly title: string
  readonly column: Column
}

/** The tables in Markdown, one for each group, after one of sums. */
export function tables(groups: readonly FactGroup[], columns: ReadonlyMap<string, Column>): string {
  const names = [...columns.keys()]
  const head = (first: string) => `${row([first, ...names])}\n${row(['---', ...names.map(() => '---')])}`
  const sums = [...columns.values()].map(column => `${[...column.values()].filter(Boolean).length}`)
  const sections = groups.map(group => {
    const rows = group.facts.map(({ states }) => {
      return row([states, ...[...columns.values()].map(column => mark(column.get(keyOf(group, states))))])
    })
    return `### ${group.title}\n\n${[head(''), ...rows].join('\n')}`
  })
  const count = groups.flatMap(({ facts }) => facts).length
  return [`${head(`of ${count} facts`)}\n${row(['', ...sums])}`, ...sections].join('\n\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function mark(passes: boolean | undefined): string {
  return passes === undefined ? '' : passes ? '✓' : '✗'
}

/** What the page says of a server. */
export function documented(server: string): Documented {
  const column = new Map<string, boolean>()
  let title = ''
  for (const section of recorded(readFileSync(PAGE, 'utf8')).split('### ').slice(1)) {
    const [group = '', ...lines] = section.split('\n')
    const [head = [], , ...rows] = lines.filter(line => line.startsWith('|')).map(cellsOf)
    const index = head.findIndex(cell => cell === server || cell.startsWith(`${server} `))
    title = head[index] ?? ''
    for (const cells of rows) column.set(`${group}\n${cells[0]}`, cells[index] === '✓')
  }
  return { title, column }
}

function cellsOf(line: string): string[] {
  return line
    .slice(2, -2)
    .split(' | ')
    .map(cell => cell.replaceAll('\\|', '|'))
}

function recorded(page: string): string {
  return page.slice(page.indexOf(START) + START.length, page.indexOf(END))
}

/** Writes the tables into the page, in the place of those that are there. */
export function record(text: string): void {
  const page = readFileSync(PAGE, 'utf8')
  const [before, after] = [page.slice(0, page.indexOf(START) + START.length), page.slice(page.indexOf(END))]
  writeFileSync(PAGE, `${before}\n\n${text}\n\n${after}`)
}
