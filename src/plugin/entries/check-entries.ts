import { StaticFilesError } from '../../base/errors.ts'
import type { StoredFile } from '../../base/stored-file.ts'
import type { Entry } from '../../finders/entries.ts'
import type { OutputBundle } from '../output-bundle.ts'

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
