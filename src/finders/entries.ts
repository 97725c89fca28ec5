import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { relativePath } from '../base/files/paths.ts'
import { isFile } from '../base/files/stat.ts'
import { isPlainPath, splitExtension } from '../base/names.ts'
import { type Finder, find, rootsOf } from './finders.ts'
import { nameIn } from './location.ts'

/** A name that the bundler builds instead of copying. */
export interface Entry {
  /** The name that `{% static %}` takes: `polls/app.ts`. */
  readonly name: string
  /** The absolute path of the file. */
  readonly source: string
  /** The name of the built file, without a hash: `polls/app.js`. */
  readonly builtName: string
}

/**
 * Finds the sources of entries: the names that a finder has, or paths relative to `root`.
 * @throws StaticFilesError naming every entry that has no source, or shares its built name with another one
 */
export function resolveEntries(
  entries: readonly string[],
  { finders, root }: { finders: readonly Finder[]; root: string },
): Entry[] {
  const resolved = new Map<string, Entry>()
  const problems: string[] = []
  for (const entry of new Set(entries)) {
    const source = find(finders, entry) ?? sourceAt(path.resolve(root, entry))
    if (source === undefined) problems.push(`  ${entry}`)
    else {
      const name = nameOf(source, entry, { finders, root })
      resolved.set(`${name}\0${source}`, entryOf(name, source))
    }
  }
  if (problems.length > 0) throw missingEntriesError(problems, finders, root)
  checkBuiltNames([...resolved.values()])
  return [...resolved.values()]
}

/** Returns the static name of a source that lies in a location, or `undefined`. */
export function nameInLocations(source: string, finders: readonly Finder[]): string | undefined {
  for (const location of finders.flatMap(finder => finder.locations)) {
    const name = nameIn(location, source)
    if (name !== undefined) return name
  }
  return undefined
}

/** Whether a name is that of a stylesheet, or of a source that is built into one. */
export function isStylesheet(name: string): boolean {
  return /\.(?:css|scss|sass|less|styl|stylus|pcss|postcss|sss)$/iu.test(name)
}

/** Returns the name of the CSS that a script imports, or `undefined` for a stylesheet. */
export function cssName(entry: Entry): string | undefined {
  return isStylesheet(entry.name) ? undefined : `${splitExtension(entry.builtName).stem}.css`
}

/** Returns all names that entries can have in the manifest. */
export function namesOfEntries(entries: readonly Entry[]): string[] {
  return entries.flatMap(entry => [entry.name, entry.builtName, cssName(entry) ?? []].flat())
}

/** The extensions that a bundler turns into JavaScript, in the order in which bundlers try them. */
export const BUILT_SCRIPTS: readonly string[] = ['.ts', '.mts', '.cts', '.tsx', '.jsx', '.vue', '.svelte']

/** The extensions that a bundler turns into CSS. */
export const BUILT_STYLESHEETS: readonly string[] = [
  ...['.scss', '.sass', '.less', '.styl', '.stylus'],
  ...['.pcss', '.postcss', '.sss'],
]

/** Whether browsers cannot read a file until a bundler has built it. */
export function needsBundler(name: string): boolean {
  return [...BUILT_SCRIPTS, ...BUILT_STYLESHEETS].includes(splitExtension(name).extension.toLowerCase())
}

function nameOf(source: string, entry: string, where: { finders: readonly Finder[]; root: string }): string {
  // Finders also find absolute paths and paths with `..`, which are not names.
  if (isPlainPath(entry) && find(where.finders, entry) === source) return entry
  const name = nameInLocations(source, where.finders)
  return name ?? relativePath(where.root, source).replace(/^(?:\.\.\/)+/u, '')
}

function entryOf(name: string, source: string): Entry {
  return { name, source, builtName: splitExtension(name).stem + (isStylesheet(name) ? '.css' : '.js') }
}

function sourceAt(file: string): string | undefined {
  return isFile(file) ? file : undefined
}

function missingEntriesError(
  problems: readonly string[],
  finders: readonly Finder[],
  root: string,
): StaticFilesError {
  return new StaticFilesError(
    `${problems.length === 1 ? 'an entry has' : 'entries have'} no source\n${problems.join('\n')}\n` +
      `Searched: ${[...rootsOf(finders), root].join(', ')}\n` +
      'An entry is a static name (polls/app.ts for polls/static/polls/app.ts) or a path from the root of Vite.',
  )
}

function checkBuiltNames(entries: readonly Entry[]): void {
  const clashes: string[] = []
  const byBuiltName = new Map<string, Entry>()
  for (const entry of entries) {
    const other = byBuiltName.get(entry.builtName)
    if (other) clashes.push(`  ${other.name} and ${entry.name} both make ${entry.builtName}`)
    byBuiltName.set(entry.builtName, entry)
  }
  if (clashes.length > 0)
    throw new StaticFilesError(`entries clash\n${clashes.join('\n')}\nRename one of each pair.`)
}
