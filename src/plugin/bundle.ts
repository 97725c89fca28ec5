import path from 'node:path'
import type { Entry } from '../entries.ts'
import { unhashedName } from '../names.ts'
import type { Bundle } from '../pipeline.ts'
import { withoutQuery } from './output-names.ts'

/** The parts of Rollup's and Rolldown's output that matter here. */
export type OutputBundle = Record<string, OutputAsset | OutputChunk>

interface OutputAsset {
  readonly type: 'asset'
  readonly originalFileNames: readonly string[]
}

interface OutputChunk {
  readonly type: 'chunk'
  readonly facadeModuleId: string | null
  readonly isEntry: boolean
  readonly moduleIds: readonly string[]
}

/**
 * What of the output belongs into the manifest: each file under its name without the hash, and each entry under the
 * name of its source.
 * @param consumed the absolute paths of all sources that the bundler read
 */
export function describeBundle(
  output: OutputBundle,
  entries: readonly Entry[],
  root: string,
  consumed: ReadonlySet<string>,
): Bundle {
  const files = Object.keys(output).filter(file => !file.split('/').some(segment => segment.startsWith('.')))
  const paths = new Map<string, string>()
  const bySource = new Map(entries.map(entry => [entry.source, entry]))
  for (const file of files) {
    paths.set(unhashedName(file), file)
    const entry = bySource.get(sourceOf(output[file]!, root))
    if (entry && unhashedName(file) === entry.builtName) paths.set(entry.name, file)
  }
  return { files, paths, consumed }
}

function sourceOf(file: OutputAsset | OutputChunk, root: string): string {
  if (file.type === 'chunk') return withoutQuery(file.facadeModuleId ?? '')
  const [original] = file.originalFileNames
  return original === undefined ? '' : path.resolve(root, original)
}
