import { parse } from 'es-module-lexer/minimal'
import type { EnvironmentModuleNode } from 'vite'
import { type Entry, isStylesheet } from '../../../finders/entries.ts'
import { withoutQuery } from '../../output-names.ts'
import type { Site } from '../site.ts'
import { entryUrl } from './module-url.ts'

/** What loads with an entry before its first line runs. */
export interface EntryModules {
  /** The stylesheets that its modules import, in the order in which they come into the page. */
  readonly stylesheets: readonly EnvironmentModuleNode[]
  readonly exportsDefault: boolean
}

/** Lets Vite transform the entry and all that it imports, except what it loads later by `import()`. */
export async function entryModules(entry: Entry, site: Site): Promise<EntryModules> {
  const { server } = site
  const { client } = server.environments
  const seen = new Set<string>()
  const stylesheets: EnvironmentModuleNode[] = []

  async function visit(url: string): Promise<string> {
    seen.add(url)
    const code = (await client.transformRequest(url))?.code ?? ''
    const module = await client.moduleGraph.getModuleByUrl(url)
    if (module && isInjected(module)) stylesheets.push(module)
    else for (const imported of staticImports(code)) if (!seen.has(imported)) await visit(imported)
    return code
  }

  /** The URLs below Vite's base; what Vite itself and the optimizer of dependencies serve brings no stylesheets. */
  function staticImports(code: string): string[] {
    const urls = parse(code)[0].flatMap(({ n, d }) =>
      d === -1 && n?.startsWith(server.config.base) ? n : [],
    )
    return urls.map(url => url.slice(server.config.base.length - 1)).filter(url => !isVites(url))
  }

  function isVites(url: string): boolean {
    const file = client.moduleGraph.urlToModuleMap.get(url)?.file
    const optimized = typeof file === 'string' && client.depsOptimizer?.isOptimizedDepFile(file)
    return optimized || url.startsWith('/@vite/')
  }

  const code = await visit(entryUrl(entry, server.config.root))
  site.stylesheets.set(
    entry.source,
    stylesheets.map(({ url }) => url),
  )
  return { stylesheets, exportsDefault: parse(code)[1].some(({ n }) => n === 'default') }
}

/** Whether the module puts a `<style>` into the page; `?inline`, `?url` and `?raw` give text. */
function isInjected({ url, id }: EnvironmentModuleNode): boolean {
  return isStylesheet(withoutQuery(id ?? url)) && !/[?&](?:inline|url|raw)\b/u.test(url)
}

/** The text of a stylesheet as a `<link>` would get it. */
export async function stylesheetText(module: EnvironmentModuleNode, { server }: Site): Promise<string> {
  const direct = `${module.url}${module.url.includes('?') ? '&' : '?'}direct`
  const result = await server.environments.client.transformRequest(direct)
  return result?.code ?? ''
}
