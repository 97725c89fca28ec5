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

/**
 * Takes out of the output what is collected anyway.
 * @param nameOf returns the name in the static root of an original file that is collected
 */
export function takeOut(output: OutputBundle, nameOf: (original: string) => string | undefined): Set<string> {
  const taken = new Set<string>()
  for (const [file, asset] of Object.entries(output)) {
    if (asset.type !== 'asset' || !asset.originalFileNames.some(original => nameOf(original) === file))
      continue
    delete output[file]
    taken.add(file)
  }
  return taken
}
