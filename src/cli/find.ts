import { realpathSync } from 'node:fs'
import { collect } from '../collect.ts'
import { find, rootsOf } from '../finders.ts'
import { nearestNames } from '../nearest-names.ts'
import type { Command } from './arguments.ts'
import { loadState } from './project.ts'

/** Django's `findstatic`. */
export const findCommand: Command = {
  name: 'find',
  takes: 'NAME [NAME …]',
  summary: 'show the files that have a name, the winner first, as `manage.py findstatic` does',
  description:
    'Shows where the finders find each name, the file that wins first. With --verbosity 0 the paths alone, with 2 also where\n' +
    'they looked. Unlike `findstatic` it exits with 1 where a name has no file.',
  flags: { first: { type: 'boolean', help: 'show the winner only' } },
  async run(given) {
    const { options } = await loadState(given)
    const searched = `Looking in the following locations:\n  ${rootsOf(options.finders).join('\n  ')}`
    let all = true
    for (const name of given.names) {
      const found = find(options.finders, name, { all: true }).slice(0, given.has('first') ? 1 : undefined)
      if (found.length > 0) console.log(describeFound(name, found, given.verbosity, searched))
      else {
        all = false
        const files = await collect(options.finders, { ignore: options.ignore, warn: () => {} })
        const nearest = nearestNames(name, files.keys())
        const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`
        const where = given.verbosity >= 2 ? `\n${searched}` : ''
        if (given.verbosity >= 1) console.error(`No matching file found for '${name}'.${hint}${where}`)
      }
    }
    return all
  },
}

function describeFound(name: string, found: readonly string[], verbosity: number, searched: string): string {
  const paths = found.map(file => realpathSync(file))
  if (verbosity === 0) return paths.join('\n')
  const where = verbosity >= 2 ? `\n${searched}` : ''
  return `Found '${name}' here:\n  ${paths.join('\n  ')}${where}`
}
