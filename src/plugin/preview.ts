import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'vite'
import { StaticFilesError } from '../base/errors.ts'
import type { State } from './state.ts'

/** `vite preview`: serves the last build as it is served in production, and a new build once it is there. */
export function previewPlugin(state: State): Plugin {
  return {
    name: 'staticfiles:preview',
    async configurePreviewServer({ config, middlewares, httpServer }) {
      const { staticRoot: root, staticUrl, manifest } = state.options
      const file = path.resolve(root, manifest)
      // As Vite says it where no plugin serves anything.
      if (!existsSync(file)) throw new StaticFilesError(`there is no build in ${root}: run \`vite build\``)
      const { createStaticHandler } = await import('../server/handler.ts')
      const serve = createStaticHandler({
        root,
        staticUrl,
        manifest: file,
        reload: true,
        index: 'index.html',
        // Vite has pages of its own then.
        fallthrough: config.appType !== 'custom',
      })
      httpServer.once('close', () => serve.close())
      middlewares.use(serve)
    },
  }
}
