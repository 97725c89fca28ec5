import MagicString from 'magic-string'
import type { Plugin } from 'vite'
import type { OutputBundle } from '../output-bundle.ts'
import { inFolder } from '../output-names.ts'
import type { State } from '../state.ts'
import { CSS_MODULE } from './entry-styles.ts'

const isClient: NonNullable<Plugin['applyToEnvironment']> = environment => environment.name === 'client'

/** Makes the plugins that give each entry its stylesheet. They run before, between and after Vite's plugins for CSS. */
export function stylesPlugins(state: State): Plugin[] {
  return [chunksPlugin(state), marksPlugin(state), stylesPlugin(state)]
}

/** A statement that no bundler drops. */
const KEEP = '__STATICFILES_KEEP__'

/** Makes the plugin that reads the chunks before Vite removes those that contain only CSS. */
function chunksPlugin({ styles }: State): Plugin {
  return {
    name: 'staticfiles:chunks',
    enforce: 'pre',
    applyToEnvironment: isClient,
    renderChunk(code) {
      if (!code.includes(KEEP)) return undefined
      const output = new MagicString(code).replaceAll(new RegExp(`${KEEP};?`, 'gu'), '')
      return { code: output.toString(), map: output.generateMap({ hires: 'boundary' }) }
    },
    generateBundle(_options, output) {
      styles.take(output as unknown as OutputBundle)
    },
  }
}

/** Makes the plugin that marks CSS after it is compiled, and before Vite joins the CSS of modules. */
function marksPlugin(state: State): Plugin {
  return {
    name: 'staticfiles:marks',
    applyToEnvironment: isClient,
    buildStart() {
      state.styles.start()
    },
    transform: {
      filter: { id: CSS_MODULE },
      handler(css, id) {
        if (state.config?.command !== 'build') return undefined
        const code = state.styles.mark(css, id, state.options.root)
        return code === undefined ? undefined : { code, map: null }
      },
    },
    augmentChunkHash(chunk) {
      if (state.config === undefined || chunk.dynamicImports.length === 0) return undefined
      return state.styles.signature(this, state.entries)
    },
  }
}

/** Makes the plugin that runs after Vite's plugin for CSS, and before the one that writes into chunks which CSS they load. */
function stylesPlugin(state: State): Plugin {
  return {
    name: 'staticfiles:styles',
    enforce: 'post',
    applyToEnvironment: isClient,
    transform: {
      filter: { id: /\.module\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)/u },
      // Vite drops a CSS module if none of its classes is used, but `vite dev` shows its `:global` rules.
      handler(code, id) {
        if (!state.styles.isMarked(id)) return undefined
        return { code: `${code}\n${KEEP};`, map: null, moduleSideEffects: true }
      },
    },
    generateBundle(_options, output) {
      const { config, entries, options, splitsCss } = state
      if (config?.command !== 'build') return
      state.styles.arrange(this, output as unknown as OutputBundle, {
        entries,
        root: options.root,
        hash: options.hash !== false,
        cssCodeSplit: splitsCss,
        onlySheet: inFolder(config.build.assetsDir, 'style.css'),
      })
    },
  }
}
