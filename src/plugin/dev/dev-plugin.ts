import type { Plugin } from 'vite'
import { nameInLocations } from '../../finders/entries.ts'
import { rootsOf } from '../../finders/finders.ts'
import type { State } from '../state.ts'
import { replaceStaticUrls, splitSuffix } from '../static-urls.ts'
import { isStylesheetId } from '../stylesheet-id.ts'
import type { DevServer } from './dev-server.ts'
import { loadVirtual, resolveVirtual } from './entries/virtual-modules.ts'

/** What `vite dev` does: static names are served from their sources. A build need not load it. */
export function devPlugin(state: State): Plugin {
  const loading = () => import('./server.ts')
  let dev: DevServer | undefined
  return {
    name: 'staticfiles:dev',
    apply: (_config, { command, isPreview }) => command === 'serve' && !isPreview,
    configResolved(config) {
      // Vite fills in the folders that it allows by itself only where none are given, so they are added here.
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
      // Other plugins first say what else a file changes.
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

/** Names Vite's origin in what comes in by `@use` and `@import`, whose sources no plugin sees: pages have another. */
function staticUrlOf(source: string, origin: string, { finders, staticPath }: DevServer['options']): string {
  const [file, suffix] = splitSuffix(source)
  return origin + staticPath + encodeURI(nameInLocations(file, finders) ?? '') + suffix
}
