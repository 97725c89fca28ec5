import type { Options } from '../options/options.ts'
import type { Project } from '../options/project.ts'
import type { Build } from './build.ts'
import type { State } from './state.ts'

/** What the plugin offers to the commands of this package. It is not a public interface. */
export interface PluginApi {
  /** Returns the project, once the bundler has read its configuration. */
  project(): Project
  /** Sets options that win over those in the configuration. Vite must not have read the configuration yet. */
  override(change: (given: Options) => Options): void
  /** Returns the collected files, once a build has started. */
  files(): Build['files']
}

export function apiOf(state: State): PluginApi {
  return {
    project: () => state.project,
    override: change => state.override(change),
    files: () => state.build?.files ?? [],
  }
}
