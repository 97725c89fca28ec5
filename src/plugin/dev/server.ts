import type { EnvironmentModuleNode } from 'vite'
import type { State } from '../state.ts'
import type { DevServer } from './dev-server.ts'
import { followSettings } from './django/django-settings.ts'
import { djangoUrls, useBeforeBase } from './django/django-urls.ts'
import { tellWhenEnding } from './django/ending.ts'
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

/** Makes what the parts of `vite dev` share. Options and entries are always the current ones. */
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
 * Follows changes, and adds the middlewares that come before Vite's own.
 * @param guards whether to add the checks that newer versions of Vite make themselves
 */
export function startServing(dev: DevServer, state: State, { guards }: { guards: boolean }): void {
  followFolders(dev, state)
  followSettings(dev, state)
  followTemplates(dev, state)
  reloadPages(dev)
  printInspectorUrl(dev)
  tellWhenEnding(dev)
  const middlewares = [
    ...(guards ? vite6Guards(dev.server.config) : []),
    djangoStatus(dev),
    headScripts(dev),
    inspector(dev, () => state.project.templates),
    staticFiles(dev),
  ]
  for (const middleware of middlewares) dev.server.middlewares.use(middleware)
}

/** Adds the middlewares that come after Vite's own. */
export function serveNotFound(dev: DevServer): void {
  dev.server.middlewares.use(staticNotFound(dev))
  useBeforeBase(dev.server, djangoUrls(dev))
}

/** Returns which modules of a changed file Vite updates, or `undefined` if Vite decides. */
export async function updateModules(
  file: string,
  modules: readonly EnvironmentModuleNode[],
  dev: DevServer,
): Promise<EnvironmentModuleNode[] | undefined> {
  const left = await modulesLeftToVite(file, modules, dev)
  swapEntryLinks(left ?? modules, dev)
  return left
}
