import path from 'node:path'
import { count } from '../../base/text/wording.ts'
import { prune } from '../../static-root/releases/prune.ts'
import { type Command, wholeNumber } from '../arguments.ts'
import { readProject } from '../project.ts'

/** Removes the files that only old releases have. */
export const pruneCommand: Command = {
  name: 'prune',
  takes: '',
  summary: 'remove the files of old releases',
  description:
    'Removes the files that no kept release has, if builds leave those of earlier ones (build.emptyOutDir: false). Kept are the\n' +
    'newest releases, those that are young enough, and always the current one. Files of no release are never touched.',
  flags: {
    keep: { type: 'string', value: 'N', help: 'how many releases to keep; default: 3' },
    age: { type: 'string', value: 'SECONDS', help: 'keep releases that are younger than this; default: 0' },
    'dry-run': { type: 'boolean', short: 'n', help: 'show what would be removed' },
  },
  async run(given) {
    const { options } = await readProject(given)
    const dryRun = given.has('dry-run')
    const { removed, bytes, kept } = await prune({
      ...{
        staticRoot: options.staticRoot,
        manifest: path.resolve(options.staticRoot, options.manifest),
        dryRun,
      },
      keep: wholeNumber(given, 'keep'),
      age: wholeNumber(given, 'age'),
    })
    if (given.verbosity >= 2 || dryRun) for (const name of removed) console.log(name)
    const did = dryRun ? 'would be removed' : 'removed'
    if (given.verbosity >= 1)
      console.log(
        `${count(removed.length, 'file')} ${did} (${(bytes / 1e6).toFixed(1)} MB); ${count(kept.length, 'release')} kept`,
      )
    return true
  },
}
