import type { ChunkGraph, ChunkNode } from './chunk-graph.ts'

/** A chunk that a page starts with. */
export interface Root {
  readonly chunk: ChunkNode
  /** The marks of the CSS that its page has, or `undefined` if the page is not Django's. */
  readonly marks: ReadonlySet<string> | undefined
}

/**
 * Returns the stylesheets of the bundler that are loaded by something other than the stylesheet of an entry: Vite's pages,
 * and chunks that load later. CSS that is already on each page that leads to such a chunk is not loaded again, because it
 * would come after the rules that override it.
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
