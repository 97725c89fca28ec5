import type { Reference } from '../references/reference.ts'
import type { ResolvedReference } from '../references/resolve.ts'

/** How the references of a file are rewritten. Like the types below, it is plain data, which threads can exchange. */
export interface Rewriting {
  /** The references that name a file of the build. */
  readonly references: readonly ResolvedReference[]
  /** The references that are removed. */
  readonly dropped: readonly Reference[]
  /** All references that stay, if the file is a stylesheet for lightningcss to minify; `undefined` for other files. */
  readonly minified?: readonly Reference[]
}

/** A file whose references are rewritten. */
export type RewritableFile = AnalysedFile & { readonly rewriting: Rewriting }

/** A collected file that was read. */
export interface AnalysedFile {
  readonly name: string
  readonly source: string
  /** MD5 of the source's bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Changes when the source does. */
  readonly fingerprint: string
  /** Only for files whose references are rewritten. */
  readonly rewriting?: Rewriting
}
