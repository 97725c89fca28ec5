import type { Plugin } from 'vite'
import { nameInLocations } from '../../finders/entries.ts'
import { rootsOf } from '../../finders/finders.ts'
import type { State } from '../state.ts'
import { replaceStaticUrls, splitSuffix } from '../static-urls.ts'
import { isStylesheetId } from '../stylesheet-id.ts'
import type { DevServer } from './dev-server.ts'
import { loadVirtual, resolveVirtual } from './entries/virtual-modules.ts'

/** Makes the plugin that serves static names from their sources in `vite dev`. A build need not load what it does. */
export function devPlugin(state: State): Plugin {
  const loading = () => import('./server.ts')
  let dev: DevServer | undefined
  return {
    name: 'staticfiles:dev',
    apply: (_config, { command, isPreview }) => command === 'serve' && !isPreview,
    configResolved(config) {
      // The folders are added here, because Vite omits its own defaults if any folder is given.
      config.server.fs.allow.push(...rootsOf(state.options.finders))
    },
    async configureServer(server) {
      const { createDevServer, startServing, serveNotFound } = await loading()
      const created = createDevServer(server, state)
      startServing(created, state, { guards: isVite6(this) })
      dev = created
      return () => serveNotFound(created)
    },
    hotUpdate: {
      // Other plugins must first add the modules that a file changes.
      order: 'post',
      async handler({ file, modules }) {
        if (this.environment.name !== 'client' || !dev) return undefined
        return (await loading()).updateModules(file, modules, dev)
      },
    },
    transform(code, id) {
      const { origin } = dev?.server.config.server ?? {}
      if (origin === undefined || !isStylesheetId(id)) return undefined
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

/** Returns a URL with Vite's origin, because pages have another one. No plugin sees the text behind `@use` and `@import`. */
function staticUrlOf(source: string, origin: string, { finders, staticPath }: DevServer['options']): string {
  const [file, suffix] = splitSuffix(source)
  return origin + staticPath + encodeURI(nameInLocations(file, finders) ?? '') + suffix
}
