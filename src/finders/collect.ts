import { readFile, stat } from 'node:fs/promises'
import { StaticFilesError } from '../base/errors.ts'
import { foldersAbove, isPlainPath } from '../base/names.ts'
import type { Finder } from './finders.ts'
import type { Ignore } from './ignore.ts'
import type { ListedFile } from './location.ts'

/** A name, the file that won it, and the files that it shadows. */
export interface CollectedFile extends ListedFile {
  /** The shadowed files in the order of the finders. */
  readonly shadowed: readonly ShadowedFile[]
}

/** A file whose name another file won. */
export interface ShadowedFile extends ListedFile {
  /** Whether its content equals the winner's, so that nothing is lost. */
  readonly identical: boolean
}

/** The options of {@link collect}. */
export interface CollectOptions {
  readonly ignore: Ignore
  warn(message: string): void
}

/**
 * Lists the files of all finders; the first file of a name wins.
 * @throws StaticFilesError if a name is both a file and a folder, or leads out of the static root
 */
export async function collect(
  finders: readonly Finder[],
  options: CollectOptions,
): Promise<Map<string, CollectedFile>> {
  const warned = new Set<string>()
  const warn = (message: string) => {
    if (!warned.has(message)) options.warn(message)
    warned.add(message)
  }
  const listings = await Promise.all(finders.map(finder => finder.list({ ignore: options.ignore, warn })))
  const filesByName = new Map<string, ListedFile[]>()
  for (const file of listings.flatMap(listing => [...listing])) {
    const others = filesByName.get(file.name)
    if (others === undefined) filesByName.set(file.name, [file])
    else if (!others.some(other => other.source === file.source)) others.push(file)
  }
  checkNames(filesByName)
  checkFolders(filesByName)
  const files = new Map<string, CollectedFile>()
  for (const [name, [winner, ...others]] of filesByName) {
    if (winner === undefined) continue
    const { source, location } = winner
    const shadowed = others.length > 0 ? await compare(winner, others) : NONE
    files.set(name, { name, source, location, shadowed })
  }
  return files
}

const NONE: readonly ShadowedFile[] = []

async function compare(winner: ListedFile, others: readonly ListedFile[]): Promise<ShadowedFile[]> {
  return Promise.all(
    others.map(async other => ({ ...other, identical: await sameContent(winner.source, other.source) })),
  )
}

async function sameContent(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(one), stat(other)])
    if (a.size !== b.size) return false
    const [content, otherContent] = await Promise.all([readFile(one), readFile(other)])
    return content.equals(otherContent)
  } catch (cause) {
    throw new StaticFilesError(`cannot compare ${one} with ${other}: ${(cause as Error).message}`, { cause })
  }
}

/** Checks names for empty parts, `.` and `..`; only a custom finder can list such names. */
function checkNames(filesByName: ReadonlyMap<string, readonly ListedFile[]>): void {
  const lines: string[] = []
  for (const [name, [file]] of filesByName) if (!isPlainPath(name)) lines.push(`  '${name}': ${file?.source}`)
  if (lines.length === 0) return
  throw new StaticFilesError(
    `a finder lists names that are not plain relative paths\n${lines.join('\n')}\n` +
      "A name has no empty part, no '.' and no '..': 'polls/style.css'.",
  )
}

function checkFolders(filesByName: ReadonlyMap<string, readonly ListedFile[]>): void {
  const clashes: string[] = []
  const seen = new Set<string>()
  for (const [name, [file]] of filesByName) {
    for (const folder of foldersAbove(name)) {
      if (seen.has(folder)) break
      seen.add(folder)
      const clash = filesByName.get(folder)?.[0]
      if (clash) clashes.push(`  ${folder}: a file in ${clash.source}, a folder for ${file?.source}`)
    }
  }
  if (clashes.length === 0) return
  throw new StaticFilesError(
    `${clashes.length === 1 ? 'a name is' : 'names are'} both a file and a folder, which no STATIC_ROOT can hold\n${clashes.join('\n')}\nRename one of each pair, or leave it out with \`ignore\`.`,
  )
}

/** Returns the files that shadow a file with different content. */
export function conflicts(files: Iterable<CollectedFile>): CollectedFile[] {
  return [...files].filter(file => file.shadowed.some(other => !other.identical))
}

/** Makes one error of all names with different files. */
export function conflictsError(shadowing: readonly CollectedFile[]): StaticFilesError {
  return new StaticFilesError(
    `${shadowing.length === 1 ? 'a name has' : `${shadowing.length} names have`} different files\n` +
      `${describeConflicts(shadowing)}\nRename one of each, leave it out with \`ignore\`, or allow it with ` +
      "`conflicts: 'report'`: then the first wins.",
  )
}

/** Describes conflicts, one file per line: the winner of each name, then the files that it hides. */
export function describeConflicts(files: readonly CollectedFile[]): string {
  const lines = files.flatMap(({ name, source, shadowed }) => {
    const hidden = shadowed.filter(other => !other.identical).map(other => `    hides ${other.source}`)
    return [`  ${name}: ${source}`, ...hidden]
  })
  return lines.join('\n')
}
