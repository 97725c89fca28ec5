import type { Options } from '../options/options.ts'
import { checkOptions } from '../options/validate.ts'
import { baseUrlPlugin } from './base-url.ts'
import { devPlugin } from './dev/dev-plugin.ts'
import { stylesPlugins } from './entries/styles-plugins.ts'
import { outputPlugin } from './output-plugin.ts'
import { previewPlugin } from './preview.ts'
import { sourcesPlugin } from './sources-plugin.ts'
import { State } from './state.ts'

/** A plugin for Vite 6 to 8 and Rollup 4. Its hooks are not a public interface. */
export interface StaticFilesPlugin {
  readonly name: string
}

/**
 * Makes the plugins that are Django's static files pipeline: `vite build` fills `STATIC_ROOT` with collected and bundled
 * files under hashed names, and writes the manifest that Django's `ManifestStaticFilesStorage` reads.
 * @throws StaticFilesError at once if options are wrong, with all mistakes in one error. What only the project shows is
 * thrown when the bundler reads its configuration (an entry without a source, a Django that cannot be asked) or when a
 * build starts (a folder that cannot be used).
 */
export function staticfiles(options: Options = {}): StaticFilesPlugin[] {
  checkOptions(options)
  const state = new State(options)
  return [
    ...[sourcesPlugin(state), outputPlugin(state), baseUrlPlugin(), ...stylesPlugins(state)],
    ...[devPlugin(state), previewPlugin(state)],
  ]
}
