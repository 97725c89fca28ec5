import type { Plugin } from 'vite'
import { isStylesheet, nameInLocations } from '../../entries.ts'
import { rootsOf } from '../../finders.ts'
import { withoutQuery } from '../output-names.ts'
import type { State } from '../state.ts'
import { replaceStaticUrls, splitSuffix } from '../static-urls.ts'
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
import { loadVirtual, resolveVirtual } from './virtual-modules.ts'

/** What `vite dev` does: static names are served from their sources. */
export function devPlugin(state: State): Plugin {
  let site: Site | undefined
  return {
    name: 'staticfiles:dev',
    apply: (_config, { command, isPreview }) => command === 'serve' && !isPreview,
    configResolved(config) {
      // Vite fills in the folders that it allows by itself only where none are given, so they are added here.
      config.server.fs.allow.push(...rootsOf(state.options.finders))
    },
    configureServer(server) {
      site = createSite(server, state)
      followFolders(site, state)
      followSettings(site, state)
      followTemplates(site, state)
      reloadPages(site)
      printInspectorUrl(site)
      const middlewares = [
        ...(isVite6(this) ? vite6Guards(server.config) : []),
        djangoStatus(site),
        headScripts(site),
        inspector(site, () => state.templates),
        staticFiles(site),
      ]
      for (const middleware of middlewares) server.middlewares.use(middleware)
      return () => server.middlewares.use(staticNotFound(site!))
    },
    hotUpdate: {
      // Other plugins first say what else a file changes.
      order: 'post',
      async handler({ file, modules }) {
        if (this.environment.name !== 'client' || !site) return undefined
        const left = await modulesLeftToVite(file, modules, site)
        swapEntryLinks(left ?? modules, site)
        return left
      },
    },
    transform(code, id) {
      const { origin } = site?.server.config.server ?? {}
      if (origin === undefined || !isStylesheet(withoutQuery(id))) return undefined
      return replaceStaticUrls(code, state.options, source => staticUrlOf(source, origin, state.options))
    },
    resolveId: id => resolveVirtual(id),
    load: id => loadVirtual(id),
  }
}

/** Vite 6 calls `configureServer` without a context. */
function isVite6(context: { meta?: { viteVersion?: string } } | undefined): boolean {
  return context?.meta?.viteVersion === undefined
}

/** Names Vite's origin in what comes in by `@use` and `@import`, whose sources no plugin sees: pages have another. */
function staticUrlOf(source: string, origin: string, { finders, staticPath }: Site['options']): string {
  const [file, suffix] = splitSuffix(source)
  return origin + staticPath + encodeURI(nameInLocations(file, finders) ?? '') + suffix
}

function createSite(server: Site['server'], state: State): Site {
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
