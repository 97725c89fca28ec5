import path from 'node:path'
import { withoutPrefix } from '../../../base/errors.ts'
import { changedSettings } from '../../../options/django/changed-settings.ts'
import type { State } from '../../state.ts'
import { foldersOutside } from '../reload/watched.ts'
import type { Site } from '../site.ts'

/** In milliseconds: editors write several files at once. */
const PAUSE = 100

/** Asks Django again when its settings change, and starts Vite's server anew where that changes what is served. */
export function followSettings({ server, warnOnce }: Site, state: State): void {
  if (!state.django) return
  const { watcher, config } = server
  let timer: NodeJS.Timeout | undefined
  let asking = Promise.resolve()

  async function askAgain(): Promise<void> {
    const before = state.django!.answer
    try {
      await state.askDjango(config.root, config.cacheDir)
    } catch (error) {
      warnOnce(`${withoutPrefix(error as Error)}\n\nThe settings from before stay in use.`)
      return
    }
    watchReads()
    const changed = changedSettings(before, state.django!.answer)
    if (changed.length === 0) return
    config.logger.info(`staticfiles: Django's settings have changed: ${changed.join(', ')}`, {
      timestamp: true,
    })
    await server.restart()
  }

  function watchReads(): void {
    watcher.add(foldersOutside([...state.django!.reads.files], config.root))
  }

  watchReads()
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, file => {
      if (!state.django!.reads.files.includes(path.resolve(file))) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        asking = asking.then(askAgain)
      }, PAUSE)
    })
  }
  server.httpServer?.once('close', () => clearTimeout(timer))
}
