import path from 'node:path'
import { hashIn, unhashedName } from '../base/names.ts'
import type { StoredFile } from '../base/stored-file.ts'
import { type Entry, namesOfEntries } from '../finders/entries.ts'
import type { OutputBundle, OutputChunk } from './output-bundle.ts'

/** The files of entries under names without a hash. */
export interface PlainEntries {
  readonly files: readonly { readonly fileName: string; readonly source: string | Uint8Array }[]
  /** The files of entries, by the names of the entries. */
  readonly paths: ReadonlyMap<string, StoredFile>
}

/**
 * Makes files under the plain names of entries. Inside the bundle the hashed names stay, because the bundler wrote them
 * into chunks and source maps.
 * @param paths the files of the bundle, by the names of the entries
 */
export function plainEntries(
  entries: readonly Entry[],
  paths: ReadonlyMap<string, StoredFile>,
  output: OutputBundle,
): PlainEntries {
  const files = new Map<string, { fileName: string; source: string | Uint8Array }>()
  const plainPaths = new Map<string, StoredFile>()
  for (const name of namesOfEntries(entries)) {
    const file = paths.get(name)?.name
    const version = file === undefined ? undefined : hashIn(file)
    if (file === undefined || version === undefined) continue
    const fileName = unhashedName(file)
    files.set(fileName, { fileName, source: plainSource(file, output) })
    plainPaths.set(name, { name: fileName, version })
  }
  return { files: [...files.values()], paths: plainPaths }
}

function plainSource(file: string, output: OutputBundle): string | Uint8Array {
  const made = output[file]!
  if (made.type === 'asset') return made.source
  return isImported(file, output) ? reexport(file, made) : made.code
}

function isImported(file: string, output: OutputBundle): boolean {
  return Object.values(output).some(
    other => other.type === 'chunk' && [...other.imports, ...other.dynamicImports].includes(file),
  )
}

/** Returns a module that re-exports the hashed file, because a browser must not load one module under two names. */
function reexport(file: string, { exports }: OutputChunk): string {
  const from = JSON.stringify(`./${path.posix.basename(file)}`)
  return `export * from ${from};\n${exports.includes('default') ? `export { default } from ${from};\n` : ''}`
}
