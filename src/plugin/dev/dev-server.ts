import type { ViteDevServer } from 'vite'
import type { Entry } from '../../finders/entries.ts'
import type { ResolvedOptions } from '../../options/resolve.ts'

/** What the parts of `vite dev` share. */
export interface DevServer {
  readonly server: ViteDevServer
  /** The current options, which change when the folder of an app appears. */
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  /** The static names that browsers have requested as plain files since the server started, even if they are missing. */
  readonly requested: Set<string>
  /** The URLs of the stylesheets that the modules of an entry import, by the entry's source. */
  readonly stylesheets: Map<string, readonly string[]>
  /** The origin of Django's server: `proxy`, or that of the last page on this machine that requested a module. */
  djangoOrigin: string | undefined
  /** Shows a warning in the terminal, unless it has been shown before. */
  warnOnce(message: string): void
}

/** The start of the plugin's own URLs, below the static URL. */
export const OWN_PREFIX = '__staticfiles/'
