import { parse } from 'es-module-lexer/minimal'
import type { EnvironmentModuleNode } from 'vite'
import type { DevServer } from '../dev-server.ts'
import { graphPath } from './module-url.ts'

/** A module as Vite transformed it. */
export interface WalkedModule {
  readonly node: EnvironmentModuleNode | undefined
  /** The paths of the modules that it imports statically, in their order. */
  readonly imports: readonly string[]
  readonly exports: readonly string[]
  /** The error if Vite could not transform the module. Then its imports are unknown. */
  readonly error?: unknown
}

/** Makes Vite transform a module and all modules that it imports, except those that it loads later by `import()`. */
export async function walkModules(start: string, dev: DevServer): Promise<Map<string, WalkedModule>> {
  const walked = new Map<string, WalkedModule>()
  const seen = new Set<string>()

  async function visit(path: string): Promise<void> {
    if (seen.has(path)) return
    seen.add(path)
    const module = await readModule(path, dev)
    walked.set(path, module)
    await Promise.all(module.imports.map(visit))
  }

  await visit(start)
  return walked
}

/** Whether Vite has bundled dependencies again meanwhile: their importers then name them by new URLs. */
export function isOutdated(walked: ReadonlyMap<string, WalkedModule>): boolean {
  return [...walked.values()].some(
    ({ error }) => (error as { code?: string } | undefined)?.code === 'ERR_OUTDATED_OPTIMIZED_DEP',
  )
}

/** Returns the modules that a walk has found, in the order in which a browser runs them. */
export function inOrder(start: string, walked: ReadonlyMap<string, WalkedModule>): WalkedModule[] {
  const ordered: WalkedModule[] = []
  const seen = new Set<string>()
  const visit = (path: string) => {
    const module = walked.get(path)
    if (module === undefined || seen.has(path)) return
    seen.add(path)
    for (const imported of module.imports) visit(imported)
    ordered.push(module)
  }
  visit(start)
  return ordered
}

async function readModule(path: string, { server }: DevServer): Promise<WalkedModule> {
  const { client } = server.environments
  const nodeOf = () => client.moduleGraph.getModuleByUrl(path).catch(() => undefined)
  try {
    const result = await client.transformRequest(path)
    return { node: await nodeOf(), ...(result ? namesIn(result, server.config.base) : NOTHING) }
  } catch (error) {
    return { node: await nodeOf(), ...NOTHING, error }
  }
}

type Names = Pick<WalkedModule, 'imports' | 'exports'>

const NOTHING: Names = { imports: [], exports: [] }

/** What modules import and export, by what Vite made of them: a large dependency is parsed once. */
const namesByResult = new WeakMap<object, Names>()

function namesIn(result: { readonly code: string }, base: string): Names {
  const cached = namesByResult.get(result)
  if (cached) return cached
  const [imports, exports] = parse(result.code)
  const names = {
    imports: imports.flatMap(({ n, d }) => (d === -1 && n ? (walkedPath(n, base) ?? []) : [])),
    exports: exports.map(({ n }) => n),
  }
  namesByResult.set(result, names)
  return names
}

/** Returns the path of an import, or `undefined` for Vite's own client, which imports no stylesheets. */
function walkedPath(url: string, base: string): string | undefined {
  const path = graphPath(url, base)
  return path?.startsWith('/@vite/') ? undefined : path
}
