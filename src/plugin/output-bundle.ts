/** The parts of Rollup's and Rolldown's output that matter here. */
export type OutputBundle = Record<string, OutputAsset | OutputChunk>

export interface OutputAsset {
  readonly type: 'asset'
  readonly source: string | Uint8Array
  readonly originalFileNames: readonly string[]
}

export interface OutputChunk {
  readonly type: 'chunk'
  readonly code: string
  readonly exports: readonly string[]
  readonly facadeModuleId: string | null
  /** The output files that it imports statically. */
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
  /** Only of Vite. */
  readonly viteMetadata?: { readonly importedCss: ReadonlySet<string> }
}
