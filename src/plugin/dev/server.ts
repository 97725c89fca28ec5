import type { EnvironmentModuleNode } from 'vite'
import type { State } from '../state.ts'
import { followSettings } from './django-settings.ts'
import { followFolders } from './folders.ts'
import { vite6Guards } from './guards.ts'
import { headScripts } from './head-scripts.ts'
import { swapEntryLinks } from './hot-css.ts'
import { inspector, printInspectorUrl } from './inspector.ts'
import { modulesLeftToVite } from './own-reload.ts'
import { djangoStatus } from './proxy.ts'
import { reloadPages } from './reload.ts'
import type { Site } from './site.ts'
import { staticFiles, staticNotFound } from './static-files.ts'
import { followTemplates } from './templates.ts'

export function createSite(server: Site['server'], state: State): Site {
  const warned = new Set<string>()
  return {
    server,
    get options() {
      return state.options
    },
    get entries() {
      return state.entries
    },
    requested: new Set(),
    stylesheets: new Map(),
    djangoOrigin: state.options.proxy,
    warnOnce(message) {
      if (!warned.has(message)) state.log.warn(message)
      warned.add(message)
    },
  }
}

/**
 * Follows what changes, and answers static names before Vite's own middlewares.
 * @param guards whether what newer versions of Vite check themselves is checked here
 */
export function serveSite(site: Site, state: State, { guards }: { guards: boolean }): void {
  followFolders(site, state)
  followSettings(site, state)
  followTemplates(site, state)
  reloadPages(site)
  printInspectorUrl(site)
  const middlewares = [
    ...(guards ? vite6Guards(site.server.config) : []),
    djangoStatus(site),
    headScripts(site),
    inspector(site, () => state.templates),
    staticFiles(site),
  ]
  for (const middleware of middlewares) site.server.middlewares.use(middleware)
}

/** After Vite's own middlewares. */
export function serveNotFound(site: Site): void {
  site.server.middlewares.use(staticNotFound(site))
}

/** What Vite is to update of a changed file's modules; `undefined` leaves it to Vite. */
export async function updateModules(
  file: string,
  modules: readonly EnvironmentModuleNode[],
  site: Site,
): Promise<EnvironmentModuleNode[] | undefined> {
  const left = await modulesLeftToVite(file, modules, site)
  swapEntryLinks(left ?? modules, site)
  return left
}
