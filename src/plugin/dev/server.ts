import type { EnvironmentModuleNode } from 'vite'
import type { State } from '../state.ts'
import { followSettings } from './django/django-settings.ts'
import { headScripts } from './django/head-scripts.ts'
import { djangoStatus } from './django/proxy.ts'
import { swapEntryLinks } from './entries/hot-css.ts'
import { vite6Guards } from './files/guards.ts'
import { staticFiles, staticNotFound } from './files/static-files.ts'
import { inspector, printInspectorUrl } from './inspector/inspector.ts'
import { followFolders } from './reload/folders.ts'
import { modulesLeftToVite } from './reload/own-reload.ts'
import { reloadPages } from './reload/reload.ts'
import { followTemplates } from './reload/templates.ts'
import type { Site } from './site.ts'

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
    inspector(site, () => state.project.templates),
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
