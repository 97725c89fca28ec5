import path from 'node:path'
import { isInstalled } from '../base/installed.ts'
import { unhashedName } from '../base/names.ts'
import { type Inspection, inspect } from '../build/inspect.ts'
import type { Project } from '../options/project.ts'
import { noFileNamed } from '../references/missing.ts'
import { ParseCache } from '../references/parse-cache.ts'
import { referencesIn } from '../references/templates/read.ts'
import { brokenKeys, brokenReferences, isPage, pagesIn } from '../static-root/check-built.ts'
import { Manifest } from '../static-root/manifest/manifest.ts'
import type { Problem } from './problem.ts'

/**
 * Checks what the last build left in the static root.
 * @throws StaticFilesError if there is no manifest
 */
export async function builtProblems(project: Project): Promise<{ files: number; problems: Problem[] }> {
  const { staticRoot, manifest, staticPath } = project.options
  const { paths } = Manifest.load(path.resolve(staticRoot, manifest))
  const keys = brokenKeys(staticRoot, paths).map(name => {
    const file = path.join(staticRoot, paths.get(name)!)
    return error('built', `${name} leads to ${file}, which does not exist`)
  })
  const sources = await inspect(project.options, project.entries, new ParseCache())
  const known = knownReferences(sources)
  // Pages that are collected stay as they are, with all that they lack.
  const isCollected = (file: string) => sources.files.has(unhashedName(file))
  const files = [...paths.values(), ...pagesIn(staticRoot)].filter(
    file => !isPage(file) || !isCollected(file),
  )
  const references = brokenReferences(staticRoot, files, staticPath).map(({ file, url, line, column }) => {
    const isKnown = known.has(`${unhashedName(file)}\0${url}`)
    const severity = isKnown || !project.options.strict ? 'warning' : 'error'
    const message = `${url}: the static root has no such file`
    return { kind: 'built', severity, message, source: path.join(staticRoot, file), line, column } as const
  })
  const problems = [
    ...keys,
    ...entryProblems(project, paths),
    ...references,
    ...templateProblems(project, paths),
  ]
  return { files: paths.size, problems }
}

function error(kind: Problem['kind'], message: string): Problem {
  return { severity: 'error', kind, message }
}

function entryProblems({ entries }: Project, paths: ReadonlyMap<string, string>): Problem[] {
  const names = entries.flatMap(({ name, builtName }) => [name, builtName])
  return [...new Set(names)]
    .filter(name => !paths.has(name))
    .map(name =>
      error('built', `the manifest has no entry ${name}: it was added, or renamed, after the last build`),
    )
}

/** References that lead nowhere in the sources already, and are left as they are: most are those of packages. */
function knownReferences({ files, broken }: Pick<Inspection, 'files' | 'broken'>): Set<string> {
  const names = new Map([...files.values()].map(({ name, source }) => [source, name]))
  return new Set(broken.map(({ source, url }) => `${names.get(source)}\0${url}`))
}

function templateProblems({ options }: Project, paths: ReadonlyMap<string, string>): Problem[] {
  const names = [...paths.keys()]
  return referencesIn(options.templates)
    .filter(({ name }) => !paths.has(name))
    .map(({ source, line, column, url, name }) => {
      const severity = options.strict && !isInstalled(source) ? 'error' : 'warning'
      return {
        severity,
        kind: 'template',
        message: `${url}: ${noFileNamed(name, names)}`,
        source,
        line,
        column,
      }
    })
}
