import type { Options } from '../options/options.ts'
import type { Project } from '../options/project.ts'
import type { Build } from './build.ts'
import type { State } from './state.ts'

/** What the plugin shows to the commands of this package. Users' own plugins find no promise here. */
export interface PluginApi {
  /** The project, once the bundler has read its configuration. */
  project(): Project
  /** Puts options before those that the user wrote in the configuration; Vite must not have read it yet. */
  override(change: (given: Options) => Options): void
  /** The collected files, once a build has started. */
  files(): Build['files']
}

export function apiOf(state: State): PluginApi {
  return {
    project: () => state.project,
    override: change => state.override(change),
    files: () => state.build?.files ?? [],
  }
}
