import type { OutputBundle, OutputChunk } from '../output-bundle.ts'

/** A chunk, as it is before Vite removes those that contain only CSS. */
export interface ChunkNode {
  readonly fileName: string
  readonly isEntry: boolean
  readonly facadeModuleId: string | null
  readonly moduleIds: readonly string[]
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
  /** Vite's own set, in which changes reach Vite. */
  readonly importedCss: Set<string> | undefined
  /** The content of the set when the chunk was made. */
  readonly css: ReadonlySet<string>
}

/** The chunks of an output, and how they load each other. */
export class ChunkGraph {
  readonly chunks: ReadonlyMap<string, ChunkNode>

  constructor(output: OutputBundle) {
    const chunks = Object.entries(output).flatMap(([fileName, file]) => {
      return file.type === 'chunk' ? [[fileName, nodeOf(fileName, file)] as const] : []
    })
    this.chunks = new Map(chunks)
  }

  /** Returns a chunk and all chunks that it imports statically. */
  loadedBy(fileName: string): Set<ChunkNode> {
    return this.#follow(fileName, chunk => chunk.imports)
  }

  /** Returns a chunk and all chunks that it imports, by `import()` too. */
  reachedFrom(fileName: string): Set<ChunkNode> {
    return this.#follow(fileName, chunk => [...chunk.imports, ...chunk.dynamicImports])
  }

  #follow(fileName: string, next: (chunk: ChunkNode) => readonly string[]): Set<ChunkNode> {
    const start = this.chunks.get(fileName)
    const found = new Set(start && [start])
    for (const chunk of found) {
      for (const file of next(chunk)) {
        const other = this.chunks.get(file)
        if (other) found.add(other)
      }
    }
    return found
  }
}

function nodeOf(fileName: string, chunk: OutputChunk): ChunkNode {
  const importedCss = chunk.viteMetadata?.importedCss
  return {
    fileName,
    isEntry: chunk.isEntry,
    facadeModuleId: chunk.facadeModuleId,
    moduleIds: [...chunk.moduleIds],
    imports: [...chunk.imports],
    dynamicImports: [...chunk.dynamicImports],
    importedCss,
    css: new Set(importedCss),
  }
}
