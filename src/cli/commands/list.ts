import pc from 'picocolors'
import { nearby } from '../../base/text/wording.ts'
import { collect } from '../../finders/collect.ts'
import type { Command } from '../arguments.ts'
import { readProject } from '../project.ts'

/** Lists all names that the finders have. */
export const listCommand: Command = {
  name: 'list',
  takes: '',
  summary: 'list every name with its source, and what it hides',
  description:
    'Lists every name that is collected or bundled, its source, and the sources of the same name that it hides.',
  flags: { json: { type: 'boolean', help: 'as JSON: [{ name, source, entry, hides }]' } },
  async run(given) {
    const { options, entries } = await readProject(given)
    const files = await collect(options.finders, {
      ignore: options.ignore,
      warn: message => console.error(message),
    })
    for (const { name, source } of entries) {
      if (!files.has(name)) files.set(name, { name, source, shadowed: [] })
    }
    const entryNames = new Set(entries.map(({ name }) => name))
    const rows = [...files.values()]
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ name, source, shadowed }) => ({
        name,
        source,
        entry: entryNames.has(name),
        hides: shadowed.map(other => ({ source: other.source, identical: other.identical })),
      }))
    if (given.has('json')) console.log(JSON.stringify(rows, null, 2))
    else for (const row of rows) console.log(describeRow(row))
    return true
  },
}

function describeRow({ name, source, entry, hides }: Row): string {
  const hidden = hides.map(
    other => `\n    hides ${nearby(other.source)}${other.identical ? ' (the same bytes)' : ''}`,
  )
  return `${pc.bold(name)}  ${pc.dim(nearby(source))}${entry ? ' (bundled)' : ''}${hidden.join('')}`
}

interface Row {
  readonly name: string
  readonly source: string
  readonly entry: boolean
  readonly hides: readonly { readonly source: string; readonly identical: boolean }[]
}
