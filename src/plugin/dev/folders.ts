import path from 'node:path'
import { appFolders, rootsOf } from '../../finders.ts'
import type { State } from '../state.ts'
import type { Site } from './site.ts'
import { foldersOutside } from './watched.ts'

/** The folders of an app that count from when they appear. */
const FOLDERS_OF_APPS = ['static', 'templates', 'jinja2']

/** Watches locations and template folders that lie outside of Vite's root, and those that appear later. */
export function followFolders({ server }: Site, state: State): void {
  const { watcher, config } = server
  const watched = new Set<string>()

  function watchOutside(): void {
    const added = foldersOutside(foldersOf(state), config.root).filter(folder => !watched.has(folder))
    for (const folder of added) watched.add(folder)
    watcher.add(added)
  }

  function lookAgain(): void {
    try {
      state.resolveAgain()
    } catch (error) {
      state.log.warn((error as Error).message)
    }
    const { allow } = config.server.fs
    allow.push(...rootsOf(state.options.finders).filter(root => !allow.includes(root)))
    watchOutside()
  }

  watchOutside()
  for (const event of ['addDir', 'unlinkDir'] as const) {
    watcher.on(event, changed => {
      const folder = path.resolve(changed)
      // The watcher forgets a folder that is gone; asked again, it waits for it to come back.
      const isForgotten = event === 'unlinkDir' && watched.delete(folder)
      if (isForgotten || FOLDERS_OF_APPS.includes(path.basename(folder))) lookAgain()
    })
  }
}

/** Apps as a whole: what they do not have yet may appear in them. */
function foldersOf({ options, given }: State): string[] {
  const apps = (given.apps ?? []).flatMap(app => appFolders(app, options.root))
  return [...apps, ...rootsOf(options.finders), ...options.templates]
}
