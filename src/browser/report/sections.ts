import type { Change, Report, ReportedPlace } from '../../build/report/report.ts'
import { bytes, element, node, note } from '../page/dom.ts'

const ROWS = 100

/** Shows the tables of problems, savings, duplicates and changes. */
export function showSections(report: Report): void {
  const { duplicates, shadowed, broken, templates, savings, changes } = report
  element('sections').append(
    ...section('Broken references', ['Place', 'URL', 'Did you mean'], broken.map(place)),
    ...section('Names in templates without a file', ['Place', 'Name', 'Did you mean'], templates.map(place)),
    ...section(
      'What could be saved',
      ['Name', 'Bytes', 'How'],
      savings.map(({ name, bytes: size, advice }) => [name, bytes(size), advice]),
    ),
    ...section(
      'Equal files',
      ['Names', 'Each'],
      duplicates.map(({ names, size }) => [names.join(', '), bytes(size)]),
    ),
    ...section(
      'Names with several files',
      ['Name', 'The first wins', 'Hidden'],
      shadowed.map(({ name, source, hides }) => {
        const hidden = hides.map(other => other.source + (other.identical ? ' (the same bytes)' : ''))
        return [name, source, hidden.join(', ')]
      }),
    ),
    ...(changes
      ? changeSections(changes.since, changes)
      : [node('h2', {}, 'Changes'), note('There is no previous build to compare with.')]),
  )
}

function changeSections(
  since: string,
  changes: Record<'added' | 'removed' | 'changed', readonly Change[]>,
): HTMLElement[] {
  const row = (kind: string) => (change: Change) => [
    kind,
    change.name,
    bytes(change.before),
    bytes(change.after),
  ]
  const rows = (['added', 'removed', 'changed'] as const).flatMap(kind => changes[kind].map(row(kind)))
  return section(
    `Changes since the build of ${new Date(since).toLocaleString()}`,
    ['', 'Name', 'Before', 'After'],
    rows,
  )
}

function place({ source, line, column, url, nearest }: ReportedPlace): string[] {
  return [`${source}:${line}:${column}`, url, nearest.join(', ')]
}

function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement[] {
  const heading = node('h2', {}, `${title} (${rows.length.toLocaleString('en-US')})`)
  if (rows.length === 0) return [heading, note('None.')]
  const head = node('tr', {}, ...columns.map(column => node('th', { scope: 'col' }, column)))
  const body = rows.slice(0, ROWS).map(cells => node('tr', {}, ...cells.map(cell => node('td', {}, cell))))
  const table = node('table', {}, node('thead', {}, head), node('tbody', {}, ...body))
  const more =
    rows.length > ROWS ? [note(`and ${rows.length - ROWS} more: \`staticfiles report --json\` has all`)] : []
  return [heading, node('div', { class: 'scroll' }, table), ...more]
}
