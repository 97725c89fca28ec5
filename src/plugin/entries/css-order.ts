/** What a bundler tells of a module. */
export interface ModuleInfo {
  /** In the order in which the module names them. */
  readonly importedIds: readonly string[]
  readonly dynamicallyImportedIds: readonly string[]
}

/** Asks the bundler for a module. */
export type ModuleInfos = (id: string) => ModuleInfo | null | undefined

/**
 * Returns a module and all that it imports statically, in the order in which a browser runs them: depth first, each once.
 * In `vite dev` a stylesheet comes into the page when its module runs.
 */
export function runOrder(id: string, infos: ModuleInfos): string[] {
  const order: string[] = []
  const seen = new Set([id])
  const stack = [{ id, imports: infos(id)?.importedIds ?? [], next: 0 }]
  while (stack.length > 0) {
    const top = stack.at(-1)!
    const imported = top.imports[top.next++]
    if (imported === undefined) order.push(stack.pop()!.id)
    else if (!seen.has(imported)) {
      seen.add(imported)
      stack.push({ id: imported, imports: infos(imported)?.importedIds ?? [], next: 0 })
    }
  }
  return order
}

/** Returns every module that a module leads to, by dynamic imports too. */
export function reachable(id: string, infos: ModuleInfos): Set<string> {
  const reached = new Set([id])
  for (const each of reached) {
    const info = infos(each)
    for (const other of [...(info?.importedIds ?? []), ...(info?.dynamicallyImportedIds ?? [])])
      reached.add(other)
  }
  return reached
}
