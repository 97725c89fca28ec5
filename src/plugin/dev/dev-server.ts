import type { ViteDevServer } from 'vite'
import type { Entry } from '../../finders/entries.ts'
import type { ResolvedOptions } from '../../options/resolve.ts'

/** What the parts of the dev server share. */
export interface DevServer {
  readonly server: ViteDevServer
  /** They are resolved anew when the folder of an app appears. */
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  /** The static names that browsers asked for as plain files since the server started, served or not. */
  readonly requested: Set<string>
  /** The URLs of the stylesheets that the modules of an entry import, by the entry's source. */
  readonly stylesheets: Map<string, readonly string[]>
  /** The origin of Django's server: `proxy`, or else that of the last page on this machine that asked for a module. */
  djangoOrigin: string | undefined
  /** Warns in the terminal, of each thing once. */
  warnOnce(message: string): void
}

/** Below the static URL: what is this plugin's own. */
export const OWN_PREFIX = '__staticfiles/'
