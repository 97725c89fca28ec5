import path from 'node:path'
import { contains } from '../../../base/files/paths.ts'
import { isPlainPath } from '../../../base/names.ts'
import { namesOfEntries, needsBundler } from '../../../finders/entries.ts'
import { find } from '../../../finders/finders.ts'
import { describeMissingNames } from '../../../references/templates/missing.ts'
import type { State } from '../../state.ts'
import type { DevServer } from '../dev-server.ts'
import { collectedNames } from '../files/collected-names.ts'
import { untilSettled } from './settled.ts'
import { isTemporary } from './watched.ts'

/** Updates the entries when templates and sources change, and warns about names in templates that nothing has. */
export function followTemplates(dev: DevServer, state: State): void {
  if (dev.options.entries !== 'templates') return
  const { watcher, httpServer } = dev.server
  const settling = new Set<string>()

  async function followTemplate(file: string): Promise<void> {
    if (settling.has(file)) return
    settling.add(file)
    await untilSettled(file)
    settling.delete(file)
    state.readTemplate(file)
    await warnOfMissing(dev, state)
  }

  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, async changed => {
      const file = path.resolve(changed)
      if (isTemporary(file)) return
      try {
        if (isTemplate(file, dev)) await followTemplate(file)
        else if (event !== 'change' && needsBundler(file)) state.resolveAgain()
      } catch (error) {
        state.log.warn((error as Error).message)
      }
    })
  }
  // The server must start first.
  httpServer?.once('listening', () => void warnOfMissing(dev, state))
}

function isTemplate(file: string, { options }: DevServer): boolean {
  return options.templates.some(({ folder }) => contains(folder, file))
}

async function warnOfMissing(dev: DevServer, { project: { templates } }: State): Promise<void> {
  const { finders } = dev.options
  const built = new Set(namesOfEntries(dev.entries))
  const exists = (name: string) => built.has(name) || (isPlainPath(name) && find(finders, name) !== undefined)
  const missing = templates.filter(({ name }) => !exists(name))
  if (missing.length === 0) return
  const names = [...(await collectedNames(dev)), ...built]
  for (const reference of missing) dev.warnOnce(describeMissingNames([reference], names))
}
