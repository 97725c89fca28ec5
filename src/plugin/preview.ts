import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'vite'
import { StaticFilesError } from '../base/errors.ts'
import type { State } from './state.ts'

/** Makes the plugin of `vite preview`. It serves the last build as in production, and each new build when it is ready. */
export function previewPlugin(state: State): Plugin {
  return {
    name: 'staticfiles:preview',
    async configurePreviewServer({ config, middlewares, httpServer }) {
      const { staticRoot: root, staticUrl, manifest } = state.options
      const file = path.resolve(root, manifest)
      // Vite's own preview fails in the same way.
      if (!existsSync(file)) throw new StaticFilesError(`there is no build in ${root}: run \`vite build\``)
      const { createStaticHandler } = await import('../server/handler.ts')
      const serve = createStaticHandler({
        root,
        staticUrl,
        manifest: file,
        reload: true,
        index: 'index.html',
        // If the application is not Django's, Vite serves pages.
        fallthrough: config.appType !== 'custom',
      })
      httpServer.once('close', () => serve.close())
      middlewares.use(serve)
    },
  }
}
