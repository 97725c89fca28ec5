import path from 'node:path'
import { unhashedName } from '../base/names.ts'
import type { StoredFile } from '../base/stored-file.ts'
import type { Bundle } from '../build/plan.ts'
import type { Entry } from '../finders/entries.ts'
import type { EntryStylesheet } from './entry-css.ts'
import type { OutputAsset, OutputBundle, OutputChunk } from './output-bundle.ts'
import { withoutQuery } from './output-names.ts'

/** What {@link describeBundle} describes. */
export interface BundleParts {
  readonly output: OutputBundle
  readonly entries: readonly Entry[]
  readonly stylesheets: readonly EntryStylesheet[]
  /** Where paths of original files start. */
  readonly root: string
}

/**
 * What of the output belongs into the manifest: each file under its name without the hash, and each entry under the
 * name of its source.
 */
export function describeBundle(parts: BundleParts): Pick<Bundle, 'files' | 'paths'> {
  const { output, entries, stylesheets, root } = parts
  // Vite's own manifest lies in `.vite/`.
  const files = Object.keys(output).filter(file => !file.split('/').some(segment => segment.startsWith('.')))
  const paths = new Map<string, StoredFile>()
  const bySource = new Map(entries.map(entry => [entry.source, entry]))
  for (const file of files) {
    paths.set(unhashedName(file), { name: file })
    const entry = bySource.get(sourceOf(output[file]!, root))
    if (entry && unhashedName(file) === entry.builtName) paths.set(entry.name, { name: file })
  }
  for (const { name, fileName } of stylesheets) paths.set(name, { name: fileName })
  return { files: [...new Set([...files, ...stylesheets.map(file => file.fileName)])], paths }
}

function sourceOf(file: OutputAsset | OutputChunk, root: string): string {
  if (file.type === 'chunk') return withoutQuery(file.facadeModuleId ?? '')
  const [original] = file.originalFileNames
  return original === undefined ? '' : path.resolve(root, original)
}
