import { realpathSync } from 'node:fs'
import { nearestNames } from '../../base/text/nearest-names.ts'
import { collect } from '../../finders/collect.ts'
import { find, rootsOf } from '../../finders/finders.ts'
import type { Command } from '../arguments.ts'
import { readProject } from '../project.ts'

/** Finds names like Django's `findstatic`. */
export const findCommand: Command = {
  name: 'find',
  takes: 'NAME [NAME …]',
  summary: 'show the files that have a name, the winner first, as `manage.py findstatic` does',
  description:
    'Shows where the finders find each name, the file that wins first. With --verbosity 0 the paths alone, with 2 also where\n' +
    'they looked. Unlike `findstatic` it exits with 1 if a name has no file.',
  flags: { first: { type: 'boolean', help: 'show the winner only' } },
  async run(given) {
    const { options } = await readProject(given)
    const searched = `Looking in the following locations:\n  ${rootsOf(options.finders).join('\n  ')}`
    const missing: string[] = []
    for (const name of given.names) {
      const found = find(options.finders, name, { all: true }).slice(0, given.has('first') ? 1 : undefined)
      if (found.length === 0) missing.push(name)
      else console.log(describeFound(name, found, given.verbosity, searched))
    }
    if (missing.length > 0 && given.verbosity >= 1) {
      const files = await collect(options.finders, { ignore: options.ignore, warn: () => {} })
      const where = given.verbosity >= 2 ? `\n${searched}` : ''
      for (const name of missing) console.error(describeMissing(name, [...files.keys()]) + where)
    }
    return missing.length === 0
  },
}

function describeMissing(name: string, names: readonly string[]): string {
  const nearest = nearestNames(name, names)
  const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`
  return `No matching file found for '${name}'.${hint}`
}

function describeFound(name: string, found: readonly string[], verbosity: number, searched: string): string {
  const paths = found.map(file => realpathSync(file))
  if (verbosity === 0) return paths.join('\n')
  const where = verbosity >= 2 ? `\n${searched}` : ''
  return `Found '${name}' here:\n  ${paths.join('\n  ')}${where}`
}
