import { StaticFilesError } from '../../base/errors.ts'
import type { Entry } from '../../finders/entries.ts'

/** The CSS of an entry, in the order that it needs. */
export interface Order {
  readonly entry: Entry
  readonly marks: readonly string[]
}

/**
 * Returns one order that is right for all entries.
 * @param describe returns the name of a mark in messages
 * @throws StaticFilesError if two entries need opposite orders
 */
export function mergeOrders(orders: readonly Order[], describe: (mark: string) => string): string[] {
  const merged: string[] = []
  const waiting = orders.map(({ entry, marks }) => ({ entry, marks: [...marks] }))
  for (let rest = waiting; rest.length > 0; rest = waiting.filter(({ marks }) => marks.length > 0)) {
    const next = rest.find(({ marks }) => rest.every(other => other.marks.indexOf(marks[0]!) <= 0))
    if (next === undefined) throw orderError(rest, describe)
    const [mark] = next.marks
    merged.push(mark!)
    for (const { marks } of rest) if (marks[0] === mark) marks.shift()
  }
  return merged
}

function orderError(orders: readonly Order[], describe: (mark: string) => string): StaticFilesError {
  const [order] = orders
  const first = order!.marks[0]!
  const other = orders.find(({ marks }) => marks.indexOf(first) > 0)!
  return new StaticFilesError(
    'with cssCodeSplit: false all CSS is one file, but entries import it in different orders\n' +
      `  ${order!.entry.name} imports ${describe(first)} first\n` +
      `  ${other.entry.name} imports ${describe(other.marks[0]!)} before it\n` +
      'Import them in the same order, or leave `build.cssCodeSplit` on.',
  )
}
