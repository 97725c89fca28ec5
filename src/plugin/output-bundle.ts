/** The parts of Rollup's and Rolldown's output that matter here. */
export type OutputBundle = Record<string, OutputAsset | OutputChunk>

export interface OutputAsset {
  readonly type: 'asset'
  source: string | Uint8Array
  readonly originalFileNames: readonly string[]
}

export interface OutputChunk {
  readonly type: 'chunk'
  code: string
  readonly exports: readonly string[]
  readonly facadeModuleId: string | null
  readonly isEntry: boolean
  readonly moduleIds: readonly string[]
  /** The output files that it imports statically. */
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
  /** Only of Vite. */
  readonly viteMetadata?: { readonly importedCss: Set<string> }
}

/** Takes out of the output what is collected anyway. */
export function takeOut(output: OutputBundle, collectedNames: () => Set<string>): Set<string> {
  const assets = Object.keys(output).filter(file => output[file]?.type === 'asset')
  const collected = assets.length > 0 ? collectedNames() : new Set()
  const names = assets.filter(file => collected.has(file))
  for (const file of names) delete output[file]
  return new Set(names)
}
