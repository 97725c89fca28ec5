import path from 'node:path'
import { Manifest } from '../../static-root/manifest/manifest.ts'
import type { Command } from '../arguments.ts'
import { readProject } from '../project.ts'

/** Shows the hashed names in the manifest of the last build. */
export const manifestCommand: Command = {
  name: 'manifest',
  takes: '[NAME …]',
  summary: 'show the hashed names of the last build',
  description:
    'Shows what the manifest in STATIC_ROOT maps each name to; with names, their hashed names alone.',
  flags: { json: { type: 'boolean', help: 'as JSON: { name: hashedName }' } },
  async run(given) {
    const { options } = await readProject(given)
    const manifest = Manifest.load(path.resolve(options.staticRoot, options.manifest))
    const names = given.names.length > 0 ? given.names : [...manifest.names]
    const rows = names.map(name => [name, manifest.storedName(name)] as const)
    if (given.has('json')) console.log(JSON.stringify(Object.fromEntries(rows), null, 2))
    else if (given.names.length > 0) console.log(rows.map(([, stored]) => stored).join('\n'))
    else console.log(rows.map(([name, stored]) => `${name}  ${stored}`).join('\n'))
    return true
  },
}
