import { readFileSync } from 'node:fs'
import path from 'node:path'

export type Scripts = 'source-maps' | 'modules'

/** A row of a table in docs/parity.md. */
export interface ListedDifference {
  /** A name, in which `*` stands for anything but a slash and `**` for anything. */
  readonly pattern: string
  readonly versions: 'all' | readonly string[]
  readonly scripts: 'both' | Scripts
}

const PAGE = path.resolve(import.meta.dirname, '../../docs/parity.md')

/** Reads the table under a heading of docs/parity.md. */
export function listedDifferences(heading: string): ListedDifference[] {
  const section = readFileSync(PAGE, 'utf8').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]
  if (section === undefined) throw new Error(`docs/parity.md has no heading ${heading}`)
  return section
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .flatMap(row)
}

function row(line: string): ListedDifference[] {
  const [names = '', versions = '', scripts = ''] = line
    .split('|')
    .slice(1)
    .map(cell => cell.trim())
  if (!/^(?:both|source-maps|modules)$/.test(scripts)) throw new Error(`docs/parity.md: ${line}`)
  return [...names.matchAll(/`([^`]+)`/g)].map(([, pattern]) => ({
    pattern: pattern!,
    versions: versions === 'all' ? versions : versions.split(/,\s*/),
    scripts: scripts as ListedDifference['scripts'],
  }))
}

/** Whether a row speaks of this run of Django. */
export function appliesTo(listed: ListedDifference, version: string, scripts: Scripts): boolean {
  return (
    (listed.versions === 'all' || listed.versions.includes(version)) &&
    (listed.scripts === 'both' || listed.scripts === scripts)
  )
}

/** Whether a row speaks of this file. */
export function matches({ pattern }: ListedDifference, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replace(/\*+/g, stars => (stars === '*' ? '[^/]*' : '.*'))
  return new RegExp(`^${source}$`, 'su').test(name)
}

/** What the list and the differences found do not have in common, in words. */
export function disagreements(
  found: ReadonlyMap<string, string>,
  listed: readonly ListedDifference[],
): string[] {
  const unlisted = [...found]
    .filter(([name]) => !listed.some(row => matches(row, name)))
    .map(([name, difference]) => `not listed: ${name}: ${difference}`)
  const vanished = listed
    .filter(row => ![...found.keys()].some(name => matches(row, name)))
    .map(({ pattern }) => `listed, but the same as Django's: ${pattern}`)
  return [...unlisted, ...vanished]
}
