import type { Reference } from '../references/reference.ts'
import type { ResolvedReference } from '../references/resolve.ts'

/** How the references of a file are written anew; like all below, data that can go from one thread to another. */
export interface Rewriting {
  /** Those that name a file of the build. */
  readonly references: readonly ResolvedReference[]
  /** Those that vanish. */
  readonly dropped: readonly Reference[]
  /** All that stay, in a stylesheet that lightningcss is to minify; `undefined` for any other file. */
  readonly minified?: readonly Reference[]
}

/** A file whose references are written anew. */
export type RewritableFile = AnalysedFile & { readonly rewriting: Rewriting }

/** A collected file, read. */
export interface AnalysedFile {
  readonly name: string
  readonly source: string
  /** MD5 of the source's bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Changes when the source does. */
  readonly fingerprint: string
  /** Only of files whose references are written anew. */
  readonly rewriting?: Rewriting
}
