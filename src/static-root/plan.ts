import type { CollectedFile } from '../finders/collect.ts'
import type { ManifestContent } from './manifest/manifest-file.ts'
import type { OutputFile } from './output-file.ts'

/** What comes into the static root. */
export interface Plan extends Pick<ManifestContent, 'paths' | 'versions'> {
  /** The collected files that come into the static root. */
  readonly collected: readonly CollectedFile[]
  readonly outputs: readonly OutputFile[]
  /** The outputs by each of their names. */
  readonly outputsByName: ReadonlyMap<string, OutputFile>
  /** The names below the static root of the files that the bundler writes itself. */
  readonly bundled: readonly string[]
  /** All names below the static root, without siblings and the manifest. */
  readonly files: readonly string[]
  /** The manifest's `hash`. */
  readonly manifestHash: string
}
