import type { ChunkGraph, ChunkNode } from './chunk-graph.ts'

/** A chunk that a page starts with. */
export interface Root {
  readonly chunk: ChunkNode
  /** The marks of the CSS that its page has; `undefined` if the page is not Django's. */
  readonly marks: ReadonlySet<string> | undefined
}

/**
 * Returns the stylesheets of the bundler that something else than the stylesheet of an entry loads: Vite's pages, and
 * chunks that come later. What each page has already, which leads to such a chunk, is not loaded a second time: it would
 * come behind what overrides it.
 */
export function sheetsLoadedLater(
  graph: ChunkGraph,
  roots: readonly Root[],
  marksOf: (sheet: string) => readonly string[],
): Set<string> {
  const needed = new Set<string>()
  for (const { chunk, marks } of roots) {
    const later = new Set([...graph.reachedFrom(chunk.fileName)].flatMap(each => each.dynamicImports))
    const starts = marks === undefined ? [chunk.fileName, ...later] : [...later]
    for (const sheet of cssLoadedBy(graph, starts)) {
      if (marks === undefined || marksOf(sheet).some(mark => !marks.has(mark))) needed.add(sheet)
    }
  }
  return needed
}

function cssLoadedBy(graph: ChunkGraph, starts: readonly string[]): Set<string> {
  const chunks = new Set(starts.flatMap(start => [...graph.loadedBy(start)]))
  return new Set([...chunks].flatMap(({ css }) => [...css]))
}
