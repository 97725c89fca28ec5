import path from 'node:path'
import { withoutPrefix } from '../../../base/errors.ts'
import type { State } from '../../state.ts'
import type { DevServer } from '../dev-server.ts'
import { foldersOutside } from '../reload/watched.ts'

/** How long to wait for further changes, because editors save several files at once, in milliseconds. */
const PAUSE = 100

/** Asks Django again when its settings change, and restarts Vite's server if that changes what is served. */
export function followSettings({ server, warnOnce }: DevServer, state: State): void {
  if (!state.project.django) return
  const { watcher, config } = server
  let timer: NodeJS.Timeout | undefined
  let asking = Promise.resolve()

  async function askAgain(): Promise<void> {
    let changed: string[]
    try {
      changed = await state.askDjango()
    } catch (error) {
      warnOnce(`${withoutPrefix(error as Error)}\n\nThe settings from before stay in use.`)
      return
    }
    watchReads()
    if (changed.length === 0) return
    config.logger.info(`staticfiles: Django's settings have changed: ${changed.join(', ')}`, {
      timestamp: true,
    })
    await server.restart()
  }

  function reads(): string[] {
    return [...(state.project.django?.reads.files ?? [])]
  }

  function watchReads(): void {
    watcher.add(foldersOutside(reads(), config.root))
  }

  watchReads()
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, file => {
      if (!reads().includes(path.resolve(file))) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        asking = asking.then(askAgain)
      }, PAUSE)
    })
  }
  server.httpServer?.once('close', () => clearTimeout(timer))
}
