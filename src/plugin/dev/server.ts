import type { EnvironmentModuleNode } from 'vite'
import type { State } from '../state.ts'
import type { DevServer } from './dev-server.ts'
import { followSettings } from './django/django-settings.ts'
import { djangoUrls, useBeforeBase } from './django/django-urls.ts'
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

export function createDevServer(server: DevServer['server'], state: State): DevServer {
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
export function startServing(dev: DevServer, state: State, { guards }: { guards: boolean }): void {
  followFolders(dev, state)
  followSettings(dev, state)
  followTemplates(dev, state)
  reloadPages(dev)
  printInspectorUrl(dev)
  const middlewares = [
    ...(guards ? vite6Guards(dev.server.config) : []),
    djangoStatus(dev),
    headScripts(dev),
    inspector(dev, () => state.project.templates),
    staticFiles(dev),
  ]
  for (const middleware of middlewares) dev.server.middlewares.use(middleware)
}

/** After Vite's own middlewares. */
export function serveNotFound(dev: DevServer): void {
  dev.server.middlewares.use(staticNotFound(dev))
  useBeforeBase(dev.server, djangoUrls(dev))
}

/** What Vite is to update of a changed file's modules; `undefined` leaves it to Vite. */
export async function updateModules(
  file: string,
  modules: readonly EnvironmentModuleNode[],
  dev: DevServer,
): Promise<EnvironmentModuleNode[] | undefined> {
  const left = await modulesLeftToVite(file, modules, dev)
  swapEntryLinks(left ?? modules, dev)
  return left
}
