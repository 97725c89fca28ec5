import type { Plugin } from 'vite'
import { STYLESHEET_MODULE, tableOf } from './entries/entry-table.ts'
import type { OutputBundle } from './output-bundle.ts'
import type { State } from './state.ts'
import {
  asPublic,
  fileUrl,
  realSource,
  replaceStaticUrls,
  sourceOfImport,
  sourceOfUrl,
} from './static-urls.ts'
import { isStylesheetId } from './stylesheet-id.ts'
import { EMPTY_MODULE, NO_ENTRY } from './vite-config.ts'

/** Saves the bundler a call for every other module. Old bundlers ignore filters, so hooks check the id too. */
export const STYLESHEETS: { readonly id: RegExp } = {
  id: /\.(?:css|scss|sass|less|styl|stylus|pcss|postcss|sss)(?:$|[?#])/iu,
}

/** Makes the plugin that finds the sources of `/static/…`. It runs before Vite's own plugins. */
export function sourcesPlugin(state: State): Plugin {
  return {
    name: 'staticfiles:sources',
    enforce: 'pre',
    applyToEnvironment: environment => environment.name === 'client',
    resolveId: {
      filter: { id: [/^\//u, /^virtual:staticfiles\//u] },
      handler(id) {
        if (id === NO_ENTRY) return EMPTY_MODULE
        if (id.startsWith(STYLESHEET_MODULE)) return `\0${id}`
        if (!state.isBuild) {
          const imported = sourceOfImport(id, state.options, state.options.root)
          return imported && asPublic(imported, state.config?.publicDir)
        }
        const source = sourceOfUrl(id, state.options)
        // The id must be the one that Vite gives to a relative import of the same module.
        return state.config?.resolve.preserveSymlinks ? source : source && realSource(source)
      },
    },
    load: {
      filter: { id: /^\0virtual:staticfiles\//u },
      handler(id) {
        if (id === EMPTY_MODULE) return ''
        const entry = id.includes(STYLESHEET_MODULE) ? tableOf(state.entries).ofModule(id) : undefined
        return entry && `import ${JSON.stringify(entry.source)}`
      },
    },
    transform: {
      filter: STYLESHEETS,
      handler(code, id) {
        if (!state.config || !isStylesheetId(id)) return undefined
        const publicDir = state.isBuild ? undefined : state.config.publicDir
        return replaceStaticUrls(code, state.options, source => fileUrl(asPublic(source, publicDir)))
      },
    },
    generateBundle(_options, output) {
      removeEmptyChunk(output as unknown as OutputBundle)
    },
    onLog(_level, log) {
      return isOurs(log) ? false : undefined
    },
  }
}

/** Whether a log is about the empty chunk of a build without entries, or about the time that collecting takes. */
function isOurs({ code, message }: { code?: string | undefined; message: string }): boolean {
  if (code === 'EMPTY_BUNDLE') return message.includes('no-entry')
  const [slowest] = message.match(/(?<=- plugin )\S+/u) ?? []
  return code === 'PLUGIN_TIMINGS' && slowest?.startsWith('staticfiles') === true
}

/** Removes the chunk that stands for a missing input. */
function removeEmptyChunk(output: OutputBundle): void {
  for (const [file, chunk] of Object.entries(output)) {
    if (chunk.type === 'chunk' && chunk.facadeModuleId === EMPTY_MODULE) delete output[file]
  }
}
