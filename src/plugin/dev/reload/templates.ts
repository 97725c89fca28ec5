import path from 'node:path'
import { isPlainPath } from '../../../base/names.ts'
import { namesOfEntries, needsBundler } from '../../../finders/entries.ts'
import { find } from '../../../finders/finders.ts'
import { describeMissingNames } from '../../../references/templates/missing.ts'
import type { State } from '../../state.ts'
import { collectedNames } from '../files/collected-names.ts'
import type { Site } from '../site.ts'
import { isTemporary } from './watched.ts'

/** Keeps the entries that templates name, and warns of names that nothing has, as templates and sources change. */
export function followTemplates(site: Site, state: State): void {
  if (site.options.entries !== 'templates') return
  const { watcher, httpServer } = site.server
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, file => {
      if (isTemporary(file)) return
      try {
        if (state.readTemplate(path.resolve(file))) void warnOfMissing(site, state)
        else if (event !== 'change' && needsBundler(file)) state.resolveAgain()
      } catch (error) {
        state.log.warn((error as Error).message)
      }
    })
  }
  // The server answers first.
  httpServer?.once('listening', () => void warnOfMissing(site, state))
}

async function warnOfMissing(site: Site, { project: { templates } }: State): Promise<void> {
  const { finders } = site.options
  const built = new Set(namesOfEntries(site.entries))
  const exists = (name: string) => built.has(name) || (isPlainPath(name) && find(finders, name) !== undefined)
  const missing = templates.filter(({ name }) => !exists(name))
  if (missing.length === 0) return
  const names = [...(await collectedNames(site)), ...built]
  for (const reference of missing) site.warnOnce(describeMissingNames([reference], names))
}
