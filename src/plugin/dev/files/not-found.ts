import { nearestNames } from '../../../base/text/nearest-names.ts'
import { rootsOf } from '../../../finders/finders.ts'
import type { Site } from '../site.ts'
import { collectedNames } from './collected-names.ts'
import type { Refusal } from './servable.ts'

/** Says why a static name is not served, where it was searched, and which names are near. */
export async function describeNotFound(name: string, refusal: Refusal, site: Site): Promise<string> {
  const { finders, staticPath } = site.options
  const searched = rootsOf(finders).map(root => `  ${root}`)
  return [
    `${staticPath}${name}: ${REASONS[refusal]}`,
    ...(await hint(name, site)),
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

/** The locations are listed only here: somebody is looking for a name. */
async function hint(name: string, site: Site): Promise<string[]> {
  const builtNames = site.entries.map(entry => entry.builtName)
  const nearest = nearestNames(name, new Set([...(await collectedNames(site)), ...builtNames]))
  return nearest.length === 0 ? [] : [`Did you mean ${nearest.join(' or ')}?`]
}
