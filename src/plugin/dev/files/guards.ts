import cors from 'cors'
import { hostValidationMiddleware } from 'host-validation-middleware'
import type { Connect, ResolvedConfig } from 'vite'

/**
 * Returns the checks that Vite 7 and 8 make before they call a plugin's middleware, and Vite 6 only after it:
 * `server.cors`, and `server.allowedHosts` against DNS rebinding.
 */
export function vite6Guards({ server }: ResolvedConfig): Connect.NextHandleFunction[] {
  const guards: Connect.NextHandleFunction[] = []
  if (server.cors !== false) guards.push(cors(server.cors === true ? {} : server.cors))
  if (server.allowedHosts !== true && !server.https) {
    guards.push(hostValidationMiddleware({ allowedHosts: allowedHosts(server) }))
  }
  return guards
}

function allowedHosts({ allowedHosts = [], host, origin }: ResolvedConfig['server']): string[] {
  return [
    ...(allowedHosts === true ? [] : allowedHosts),
    ...(typeof host === 'string' ? [host] : []),
    ...(origin === undefined ? [] : [new URL(origin).hostname]),
  ]
}
