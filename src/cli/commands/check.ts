import pc from 'picocolors'
import { StaticFilesError, withoutPrefix } from '../../base/errors.ts'
import { isInstalled } from '../../base/installed.ts'
import { count, nearby } from '../../base/text/wording.ts'
import { inspect } from '../../build/inspect.ts'
import { conflicts } from '../../finders/collect.ts'
import { namesOfEntries } from '../../finders/entries.ts'
import { checkFolders } from '../../options/checks.ts'
import type { Project } from '../../options/project.ts'
import { type MissingReference, noFileNamed } from '../../references/missing.ts'
import { ParseCache } from '../../references/parse-cache.ts'
import { referencesIn } from '../../references/templates/read.ts'
import type { Command } from '../arguments.ts'
import { builtProblems } from '../check-built.ts'
import type { Problem } from '../problem.ts'
import { readProject } from '../project.ts'

/** Reports all problems that can be found without a build. */
export const checkCommand: Command = {
  name: 'check',
  takes: '',
  summary: 'check settings, conflicts, references, and names in templates',
  description:
    'Checks, without writing anything: the settings; names that several files have; references in stylesheets and scripts to\n' +
    'files that do not exist; names in templates that nothing has. It exits with 1 if there are errors; warnings alone do not count.\n' +
    'With --built it checks what the last build left in STATIC_ROOT instead: each key of the manifest, and each reference in emitted files.',
  flags: {
    built: {
      type: 'boolean',
      help: 'check the static root of the last build: keys of the manifest, references in emitted CSS, JavaScript and HTML',
    },
    json: {
      type: 'boolean',
      help: 'as JSON: { files, problems: [{ severity, kind, message, source, line, column }] }',
    },
  },
  async run(given) {
    const project = await readProject(given)
    const { files, problems } = await (given.has('built') ? builtProblems(project) : findProblems(project))
    if (given.has('json')) console.log(JSON.stringify({ files, problems }, null, 2))
    else printProblems(files, problems)
    return !problems.some(({ severity }) => severity === 'error')
  },
}

async function findProblems(project: Project): Promise<{ files: number; problems: Problem[] }> {
  const { options, entries } = project
  const settings = settingsProblems(project)
  try {
    const { files, broken, foreign } = await inspect(options, entries, new ParseCache())
    const names = [...files.keys(), ...namesOfEntries(entries)]
    const shadowing = conflicts(files.values()).map(({ name, source, shadowed }): Problem => {
      const hidden = shadowed.filter(other => !other.identical).map(other => nearby(other.source))
      const severity = options.conflicts === 'error' ? 'error' : 'warning'
      return { severity, kind: 'conflict', source, message: `${name} hides ${hidden.join(' and ')}` }
    })
    const references = broken.map(each => {
      return describe(each, names, 'reference', options.strict && !foreign.has(each) ? 'error' : 'warning')
    })
    const problems = [...settings, ...shadowing, ...references, ...templateProblems(project, names)]
    return { files: files.size, problems }
  } catch (error) {
    if (!(error instanceof StaticFilesError)) throw error
    return { files: 0, problems: [...settings, thrownProblem(error)] }
  }
}

function settingsProblems({ options, notes }: Project): Problem[] {
  const warning = (message: string): Problem => ({ severity: 'warning', kind: 'settings', message })
  try {
    return [...notes, ...checkFolders(options)].map(warning)
  } catch (error) {
    if (!(error instanceof StaticFilesError)) throw error
    return [...notes.map(warning), thrownProblem(error)]
  }
}

function thrownProblem(error: StaticFilesError): Problem {
  return { severity: 'error', kind: 'settings', message: withoutPrefix(error) }
}

/** Returns the problems of all templates, even if `entries` are given and a build would not read them. */
function templateProblems({ options }: Project, names: readonly string[]): Problem[] {
  const existing = new Set(names)
  const references = referencesIn(options.templates)
  return references
    .filter(({ name }) => !existing.has(name))
    .map(each => {
      const severity = options.strict && !isInstalled(each.source) ? 'error' : 'warning'
      return describe(each, names, 'template', severity)
    })
}

function describe(
  { source, line, column, url, name }: MissingReference,
  names: readonly string[],
  kind: Problem['kind'],
  severity: Problem['severity'],
): Problem {
  const message =
    name === undefined ? `${url} leads out of the static root` : `${url}: ${noFileNamed(name, names)}`
  return { severity, kind, message, source, line, column }
}

/** How many problems of each kind are shown. The others are counted. */
const SHOWN = 10

const TITLES: Record<Problem['kind'], string> = {
  settings: 'Settings',
  conflict: 'Names with several files',
  reference: 'References to files that do not exist',
  template: 'Names in templates without a file',
  built: 'The static root',
}

function printProblems(files: number, problems: readonly Problem[]): void {
  for (const kind of Object.keys(TITLES) as Problem['kind'][]) {
    const own = problems.filter(problem => problem.kind === kind)
    if (own.length === 0) continue
    console.log(pc.bold(TITLES[kind]))
    // Errors come first, because they must be fixed.
    const sorted = own.toSorted((one, other) => one.severity.localeCompare(other.severity))
    for (const problem of sorted.slice(0, SHOWN)) console.log(`  ${describeProblem(problem)}`)
    if (own.length > SHOWN)
      console.log(`  … and ${own.length - SHOWN} more: \`staticfiles check --json\` lists all`)
    console.log('')
  }
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const result = `${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}`
  const mark = errors > 0 ? pc.red('✗') : pc.green('✓')
  console.log(`${mark} ${count(files, 'file')} checked: ${result}`)
}

function describeProblem({ severity, message, source, line, column }: Problem): string {
  const mark = severity === 'error' ? pc.red('error') : pc.yellow('warning')
  const place =
    source === undefined ? '' : `${[nearby(source), line, column].filter(Boolean).join(':')}\n    `
  return `${mark} ${place}${message.replaceAll('\n', '\n    ')}`
}
