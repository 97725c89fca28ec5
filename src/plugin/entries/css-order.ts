/** What a bundler says about a module. */
export interface ModuleInfo {
  /** The modules that it imports statically, in the order in which it names them. */
  readonly importedIds: readonly string[]
  readonly dynamicallyImportedIds: readonly string[]
}

/** Returns what the bundler says about a module. */
export type ModuleInfos = (id: string) => ModuleInfo | null | undefined

/**
 * Returns a module and all modules that it imports statically, in the order in which a browser runs them: depth first, each
 * once. In `vite dev` a stylesheet is added to the page when its module runs.
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

/** Returns every module that a module imports, by dynamic imports too. */
export function reachable(id: string, infos: ModuleInfos): Set<string> {
  const reached = new Set([id])
  for (const each of reached) {
    const info = infos(each)
    for (const other of [...(info?.importedIds ?? []), ...(info?.dynamicallyImportedIds ?? [])])
      reached.add(other)
  }
  return reached
}
