import path from 'node:path'
import type { Plugin } from 'vite'
import { apiOf } from './api.ts'
import { baseUrlPlugin } from './base-url.ts'
import type { Emit } from './build.ts'
import { checkStaticRoot, guardEmptying, isKept } from './emptying.ts'
import { inputModule, inputName, withoutQuery } from './entries/entry-table.ts'
import type { OutputBundle } from './output-bundle.ts'
import { STYLESHEETS, sourcesPlugin } from './sources-plugin.ts'
import type { State } from './state.ts'
import { emitSource, replaceStaticUrls } from './static-urls.ts'
import { isStylesheetId } from './stylesheet-id.ts'
import { type Input, inputOf, ownInput, viteConfig } from './vite-config.ts'

/** Makes the plugin that collects, names and writes. It runs between Vite's own plugins. */
export function outputPlugin(state: State): Plugin {
  return {
    name: 'staticfiles',
    api: apiOf(state),
    applyToEnvironment: environment => environment.name === 'client',
    ...configHooks(state),
    ...buildHooks(state),
    ...outputHooks(state),
  }
}

/** Returns the hooks that set what is built, and the names of the output files. */
function configHooks(state: State): Partial<Plugin> {
  return {
    async config(user, environment) {
      // A bundle for a server has no static files.
      if (environment.isSsrBuild) return undefined
      const root = path.resolve(user.root ?? '.')
      const { base, cacheDir, build: { outDir } = {} } = user
      await state.load({ root, outDir, base, cacheDir, cssMinify: true })
      if (environment.command === 'build') {
        checkStaticRoot(state.project, outDir)
        state.locks.keepsOthers = isKept(user, state.options)
      }
      state.inputs = state.entries
      const plugins = {
        names: state.outputNames(),
        warn: (message: string) => state.log.warn(message),
        worker: () => [sourcesPlugin(state), workerPlugin(state), baseUrlPlugin()],
      }
      return viteConfig(user, environment, state.options, state.entries, plugins, state.locks.keepsOthers)
    },
    async configResolved(config) {
      if (!state.isLoaded) return
      state.useConfig(config)
      state.warnOfNotes()
      // Vite 6 empties the folder before any output hook runs, and before the build if it watches.
      if (config.command === 'build') await guardEmptying(config, state.project)
    },
    async options(input) {
      if (!state.isBuild) return undefined
      // When Rollup alone watches, it calls this hook before each build.
      if (!state.config && state.build) await state.askAgain()
      else if (!state.config) await startAlone(state)
      // The user's own input stays as it is. Entries are added when the build starts.
      const own = ownInput(input.input as Input, state.entries, state.options.root)
      state.inputs = own === undefined ? state.entries : []
      return { ...input, input: own ?? inputOf(state.entries, state.splitsCss) }
    },
    outputOptions(output) {
      if (!state.isBuild) return undefined
      const place = output.file === undefined ? { dir: output.dir ?? state.options.staticRoot } : {}
      return { ...output, ...place, ...(state.outputNames() as object) }
    },
  }
}

/** Returns the hooks that collect, and resolve the URLs in stylesheets, while modules are read. */
function buildHooks(state: State): Partial<Plugin> {
  return {
    async buildStart() {
      if (!state.isBuild) return
      if (state.build && state.config) await state.askAgain()
      if (state.build) state.readTemplates()
      state.build ??= state.createBuild(this.meta.watchMode)
      await state.build.start()
      for (const entry of state.newEntries) {
        this.emitFile({ type: 'chunk', id: inputModule(entry, state.splitsCss), name: inputName(entry) })
      }
      if (!this.meta.watchMode) return
      for (const source of [...state.build.watched, ...state.settingsFiles]) this.addWatchFile(source)
    },
    transform: {
      filter: STYLESHEETS,
      handler(code, id) {
        if (state.config?.command !== 'build' || !isStylesheetId(id)) return undefined
        return replaceStaticUrls(code, state.options, source => emitSource(this, source, state.options.root))
      },
    },
  }
}

/** Returns the hooks that finish the plan and fill the static root, when the bundle is made. */
function outputHooks(state: State): Partial<Plugin> {
  return {
    renderStart: {
      // The lock must come before Vite empties the folder.
      order: 'pre',
      sequential: true,
      async handler() {
        if (state.isBuild) await state.locks.acquire(state.options, message => state.log.warn(message))
      },
    },
    generateBundle: {
      order: 'post',
      async handler(_options, output, isWrite) {
        const consumed = new Set([...consumedSources(this), ...state.workerSources])
        const emit: Emit = file => this.emitFile(file)
        await state.build?.finish(output as unknown as OutputBundle, consumed, emit, isWrite)
        if (!isWrite) state.locks.release()
      },
    },
    renderError() {
      state.locks.release()
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler({ dir, file }) {
        const folder = dir ?? (file && path.dirname(file))
        try {
          if (folder && !state.options.dryRun) await state.build?.write(path.resolve(folder))
        } finally {
          state.locks.release()
        }
      },
    },
    async closeWatcher() {
      await state.build?.settled()
    },
    async closeBundle() {
      // The lock is still held if another plugin failed while the bundle was written.
      state.locks.release()
      await state.build?.end()
    },
  }
}

/** Loads the project for Rollup alone, which has no configuration like Vite's. */
async function startAlone(state: State): Promise<void> {
  await state.load({ root: process.cwd() })
  state.warnOfNotes()
}

/** Makes the plugin that adds the sources of workers to the build, because workers are bundled separately. */
function workerPlugin(state: State): Plugin {
  return {
    name: 'staticfiles:worker',
    buildEnd() {
      for (const source of consumedSources(this)) state.workerSources.add(source)
    },
  }
}

/** Returns the sources in the module graph. */
function consumedSources(context: { getModuleIds(): Iterable<string> }): Set<string> {
  return new Set([...context.getModuleIds()].map(withoutQuery).filter(id => path.isAbsolute(id)))
}
