import path from 'node:path'
import { splitExtension, unhashedName } from '../base/names.ts'
import type { StoredFile } from '../base/stored-file.ts'
import type { Bundle } from '../build/plan.ts'
import { type Entry, isStylesheet } from '../finders/entries.ts'
import { tableOf } from './entries/entry-table.ts'
import type { OutputBundle } from './output-bundle.ts'

/** The parts of a bundle that {@link describeBundle} describes. */
export interface BundleParts {
  readonly output: OutputBundle
  readonly entries: readonly Entry[]
  /** The stylesheets of entries, by the name in the manifest. */
  readonly stylesheets: ReadonlyMap<string, string>
  /** The folder where the paths of original files start. */
  readonly root: string
}

/**
 * Returns what the manifest says about the output: each file has its name without the hash, and each entry also has the
 * name of its source.
 */
export function describeBundle(parts: BundleParts): Pick<Bundle, 'files' | 'paths'> {
  const { output } = parts
  // Vite's own manifest lies in `.vite/`.
  const files = Object.keys(output).filter(file => !file.startsWith('.vite/'))
  const paths = new Map<string, StoredFile>()
  for (const file of files) for (const name of namesWithoutHash(file)) paths.set(name, { name: file })
  for (const [name, file] of filesOfEntries(parts)) paths.set(name, { name: file })
  return { files, paths }
}

/** Returns the files that were built from entries, by the names of the entries. */
function filesOfEntries({ output, entries, stylesheets, root }: BundleParts): Map<string, string> {
  const table = tableOf(entries)
  const files = new Map<string, string>()
  for (const [fileName, file] of Object.entries(output)) {
    const isScript = file.type === 'chunk'
    const entry = isScript
      ? table.ofModule(file.facadeModuleId)
      : file.originalFileNames.flatMap(original => table.ofSource(path.resolve(root, original)) ?? [])[0]
    if (entry === undefined || isStylesheet(entry.name) === isScript) continue
    if (!isScript && !fileName.endsWith('.css')) continue
    for (const { name, builtName } of table.namesakes(entry))
      files.set(name, fileName).set(builtName, fileName)
  }
  return new Map([...files, ...stylesheets])
}

/** Returns names for WhiteNoise: it caches a file forever if the file's name without the hash leads to the file. */
function namesWithoutHash(file: string): string[] {
  const name = unhashedName(file)
  if (name === file || !file.endsWith('.map')) return [name]
  const { stem, extension } = splitExtension(file)
  return [name, splitExtension(stem).stem + extension]
}
