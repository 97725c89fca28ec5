import type { CollectedFile } from '../finders/collect.ts'
import type { ManifestContent } from './manifest/manifest-file.ts'
import type { OutputFile } from './output-file.ts'

/** What is to come into the static root. */
export interface Plan extends Pick<ManifestContent, 'paths' | 'versions'> {
  /** The collected files. */
  readonly collected: readonly CollectedFile[]
  readonly outputs: readonly OutputFile[]
  /** Of these, by name. */
  readonly outputsByName: ReadonlyMap<string, OutputFile>
  /** The files of the bundler, which writes them: names below the static root. */
  readonly bundled: readonly string[]
  /** Names below the static root, without siblings and the manifest. */
  readonly files: readonly string[]
  /** The manifest's `hash`. */
  readonly manifestHash: string
}
