import { StaticFilesError } from '../../base/errors.ts'
import type { StoredFile } from '../../base/stored-file.ts'
import type { Bundle } from '../../build/plan.ts'
import { cssName, type Entry } from '../../finders/entries.ts'
import type { Plan } from '../../static-root/plan.ts'
import type { OutputBundle } from '../output-bundle.ts'
import type { EntrySheet } from './css-layout.ts'

/**
 * Checks that the names of each entry lead to a file.
 * @throws StaticFilesError naming every entry that the bundler made nothing of
 */
export function checkEntries(
  entries: readonly Entry[],
  paths: ReadonlyMap<string, StoredFile>,
  output: OutputBundle,
): void {
  const isMade = (name: string) => {
    const file = paths.get(name)?.name
    return file !== undefined && file in output
  }
  const lost = entries.filter(({ name, builtName }) => !isMade(name) || !isMade(builtName))
  if (lost.length === 0) return
  const lines = lost.map(({ name, source }) => `  ${name} (${source})`)
  throw new StaticFilesError(
    `the bundler made no file of ${lost.length === 1 ? 'an entry' : 'these entries'}\n${lines.join('\n')}\n` +
      'Another plugin, or `manualChunks`, may have taken the module of the entry into another chunk, or out of the output.',
  )
}

/**
 * Checks that the names of entries are theirs alone if files carry no hash.
 * @throws StaticFilesError if other files name a collected file that has the name of what is built
 */
export function checkPlainNames(
  entries: readonly Entry[],
  { files, paths }: Pick<Bundle, 'files' | 'paths'>,
  { outputsByName }: Pick<Plan, 'outputsByName'>,
): void {
  const taken = new Set(files.filter(file => outputsByName.has(file)))
  const lost = entries.flatMap(entry => {
    const names = [entry.builtName, cssName(entry)].map(key => key && paths.get(key)?.name)
    return names
      .filter(name => name !== undefined && taken.has(name))
      .map(name => `  ${name} is built of ${entry.name}, and also a file that others name`)
  })
  if (lost.length === 0) return
  throw new StaticFilesError(
    `without hashes in names two files cannot have one name\n${lost.join('\n')}\nRename one of each pair.`,
  )
}

/**
 * Checks that no two entries make one stylesheet.
 * @throws StaticFilesError naming both entries
 */
export function checkClashes(wanted: ReadonlyMap<Entry, EntrySheet>): void {
  const makers = new Map<string, Entry>()
  for (const entry of wanted.keys()) {
    const name = cssName(entry) ?? entry.builtName
    const other = makers.get(name)
    if (other !== undefined) {
      throw new StaticFilesError(
        `${other.name} and ${entry.name} both make ${name}: rename one of them, or import the stylesheet from the script alone`,
      )
    }
    makers.set(name, entry)
  }
}
