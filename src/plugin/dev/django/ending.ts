import colors from 'picocolors'
import type { DevServer } from '../dev-server.ts'

/** In milliseconds: a process that ends so soon after Vite's server ends because of it. */
const SOON = 3000

/** The server that runs, or has run until a moment ago. */
let latest: { readonly dev: DevServer; closed: number } | undefined

/**
 * Has the terminal say, when Vite ends, what becomes of the pages on Django's own port: nothing tells on the page itself
 * why it has no styles.
 */
export function tellWhenEnding(dev: DevServer): void {
  if (latest === undefined) followEnd()
  const current = { dev, closed: Number.POSITIVE_INFINITY }
  latest = current
  dev.server.httpServer?.once('close', () => {
    current.closed = performance.now()
  })
}

function followEnd(): void {
  process.once('exit', tell)
  process.once('SIGINT', () => {
    tell()
    // Whatever else follows the signal decides; otherwise it ends the process, as it does without this function.
    if (process.listenerCount('SIGINT') === 0) process.kill(process.pid, 'SIGINT')
  })
}

function tell(): void {
  const { dev, closed = 0 } = latest ?? {}
  latest = undefined
  if (dev?.djangoOrigin === undefined || performance.now() - closed > SOON) return
  const message = `Vite has ended: pages at ${dev.djangoOrigin} lack the styles and scripts that Vite makes until it runs again.`
  dev.server.config.logger.info(colors.yellow(message))
}
