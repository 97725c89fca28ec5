import path from 'node:path'
import { nearby } from '../../base/text/wording.ts'
import { makeReport, writeReport } from '../../build/report/make-report.ts'
import { referencesIn } from '../../references/templates/read.ts'
import type { Command } from '../arguments.ts'
import { readConfig } from '../project.ts'

/** Writes the report about the last build. */
export const reportCommand: Command = {
  name: 'report',
  takes: '',
  summary: 'write a page that shows the last build: sizes, duplicates, what is hidden or broken',
  description:
    'Writes one HTML page that shows what the last build wrote: a map of STATIC_ROOT by location or type, with the sizes of the\n' +
    'files and their siblings; duplicates, hidden files, broken references, what could be saved, and what changed since the previous build.',
  flags: {
    output: { type: 'string', short: 'o', value: 'FILE', help: 'default: staticfiles-report.html' },
    json: { type: 'boolean', help: 'print the same as JSON instead' },
  },
  async run(given) {
    const {
      project: { options, entries },
      config,
    } = await readConfig(given)
    const templates = referencesIn(options.templates)
    const report = await makeReport({ options, entries, templates }, config.cacheDir)
    if (given.has('json')) {
      console.log(JSON.stringify(report, null, 2))
      return true
    }
    const file = path.resolve(options.root, given.value('output') ?? 'staticfiles-report.html')
    await writeReport(report, file, options.staticRoot)
    if (given.verbosity >= 1) console.log(`${nearby(file)} shows ${report.files.length} files`)
    return true
  },
}
