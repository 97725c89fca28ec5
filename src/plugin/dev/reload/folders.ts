import { existsSync } from 'node:fs'
import path from 'node:path'
import { contains } from '../../../base/files/paths.ts'
import { rootsOf } from '../../../finders/finders.ts'
import type { Project } from '../../../options/project.ts'
import type { State } from '../../state.ts'
import type { DevServer } from '../dev-server.ts'
import { reloadFolders } from './patterns.ts'
import { foldersOutside } from './watched.ts'

/** The names of folders in an app that may appear while the server runs. */
const FOLDERS_OF_APPS = ['static', 'templates', 'jinja2']

/** Watches locations and template folders outside Vite's root, and those that appear later. */
export function followFolders({ server }: DevServer, state: State): void {
  const { watcher, config } = server
  const watched = new Set<string>()

  function watchOutside(): void {
    const added = foldersOutside(foldersOf(state.project), config.root).filter(folder => !watched.has(folder))
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

  /** Watches removed folders again. A watcher forgets them, not always with an event, and then waits until they are back. */
  function forgetMissing(removed: string): void {
    const missing = [...watched].filter(
      folder => (folder === removed || contains(folder, removed)) && !existsSync(folder),
    )
    if (missing.length === 0) return
    for (const folder of missing) watched.delete(folder)
    watcher.unwatch(missing)
    watchOutside()
  }

  watchOutside()
  for (const event of ['addDir', 'unlinkDir'] as const) {
    watcher.on(event, folder => {
      if (FOLDERS_OF_APPS.includes(path.basename(folder))) lookAgain()
    })
  }
  for (const event of ['unlink', 'unlinkDir'] as const) {
    watcher.on(event, removed => forgetMissing(path.resolve(removed)))
  }
}

/** Returns the folders to watch. Those of apps are watched as a whole, because other folders may appear in them. */
function foldersOf({ options, django }: Project): string[] {
  return [
    ...options.apps.flatMap(({ folders }) => folders),
    ...(django?.answer.apps ?? []),
    ...rootsOf(options.finders),
    ...options.templates.map(({ folder }) => folder),
    ...reloadFolders(options),
  ]
}
