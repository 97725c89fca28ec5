import { nearestNames } from '../../../base/text/nearest-names.ts'
import { rootsOf } from '../../../finders/finders.ts'
import type { DevServer } from '../dev-server.ts'
import { collectedNames } from './collected-names.ts'
import type { Refusal } from './servable.ts'

/** Says why a static name is not served, where it was searched, and which names are near. */
export async function describeNotFound(name: string, refusal: Refusal, dev: DevServer): Promise<string> {
  const { finders, staticPath } = dev.options
  const searched = rootsOf(finders).map(root => `  ${root}`)
  return [
    `${staticPath}${name}: ${REASONS[refusal]}`,
    ...(await hint(name, dev)),
    ...(searched.length === 0
      ? ['Searched: nothing, as `dirs` and `apps` are empty.']
      : ['Searched:', ...searched]),
  ].join('\n')
}

const REASONS: Record<Refusal, string> = {
  missing: 'no finder has this file.',
  ignored: 'the file is ignored (`ignore`, `defaultIgnore`): a build does not collect it.',
  outside:
    'a symbolic link leads out of the locations, to where `server.fs` allows nothing. Add the folder of its target to ' +
    '`server.fs.allow`, or copy the file.',
}

/** Suggests near names. The locations are listed only here, because listing takes time. */
async function hint(name: string, dev: DevServer): Promise<string[]> {
  const builtNames = dev.entries.map(entry => entry.builtName)
  const nearest = nearestNames(name, new Set([...(await collectedNames(dev)), ...builtNames]))
  return nearest.length === 0 ? [] : [`Did you mean ${nearest.join(' or ')}?`]
}
