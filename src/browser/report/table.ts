import type { ReportedFile } from '../../build/report/report.ts'
import { bytes, counted, element, node } from '../page/dom.ts'

type Column = keyof Pick<ReportedFile, 'name' | 'location' | 'type' | 'raw' | 'gzip' | 'brotli'>

const COLUMNS: readonly (readonly [Column, string])[] = [
  ['name', 'Name'],
  ['location', 'Location'],
  ['type', 'Type'],
  ['raw', 'Raw'],
  ['gzip', 'gzip'],
  ['brotli', 'Brotli'],
]

/** The number of rows to show: nobody reads more, and they are slow to draw. */
const ROWS = 200

/** Shows all files in a table that can be sorted and filtered. */
export function showTable(files: readonly ReportedFile[]): void {
  let sorted: Column = 'raw'
  let descending = true
  const filter = element<HTMLInputElement>('filter')

  function draw(): void {
    const search = filter.value.trim().toLowerCase()
    const found = files.filter(({ name }) => name.toLowerCase().includes(search))
    const rows = found.toSorted((one, other) => compare(one[sorted], other[sorted]) * (descending ? -1 : 1))
    element('rows').replaceChildren(...rows.slice(0, ROWS).map(row))
    const more = rows.length > ROWS ? `, the first ${ROWS} are shown` : ''
    element('count').textContent = counted(rows.length, 'file') + more
    drawHead()
  }

  function drawHead(): void {
    const head = element('columns')
    const focused = document.activeElement?.getAttribute('data-column')
    head.replaceChildren(...COLUMNS.map(([column, title]) => headCell(column, title)))
    head.querySelector<HTMLElement>(`[data-column=${focused}]`)?.focus()
  }

  function headCell(column: Column, title: string): HTMLElement {
    const button = node('button', { type: 'button', 'data-column': column }, title)
    button.addEventListener('click', () => {
      descending = sorted === column ? !descending : isNumber(column)
      sorted = column
      draw()
    })
    const order = column === sorted && { 'aria-sort': descending ? 'descending' : 'ascending' }
    return node('th', { scope: 'col', ...(isNumber(column) && { class: 'number' }), ...order }, button)
  }

  filter.addEventListener('input', draw)
  draw()
}

function compare(one: string | number, other: string | number): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function isNumber(column: Column): boolean {
  return ['raw', 'gzip', 'brotli'].includes(column)
}

function row(file: ReportedFile): HTMLElement {
  const cells = COLUMNS.map(([column]) => {
    const value = file[column]
    return typeof value === 'number' ? node('td', { class: 'number' }, bytes(value)) : node('td', {}, value)
  })
  return node('tr', {}, ...cells)
}
