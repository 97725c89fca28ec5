import type { ViteDevServer } from 'vite'
import type { Entry } from '../../entries.ts'
import type { ResolvedOptions } from '../../options.ts'

/** What the parts of the dev server share. */
export interface Site {
  readonly server: ViteDevServer
  /** They are resolved anew when the folder of an app appears. */
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  /** The static names that browsers asked for since the server started, served or not. */
  readonly requested: Set<string>
}

/** Below the static URL: what is this plugin's own. */
export const OWN_PREFIX = '__staticfiles/'
