import pc from 'picocolors'
import { StaticFilesError } from '../base/errors.ts'
import { didYouMean, nearestNames } from '../base/text/nearest-names.ts'

/** A reference to a file that the build does not have. */
export interface MissingReference {
  /** The file that holds it. */
  readonly source: string
  /** Where in it, both from 1; columns count UTF-16 units. */
  readonly line: number
  readonly column: number
  /** The URL as it is written. */
  readonly url: string
  /** The name it stands for; `undefined` where it leads out of the static root. */
  readonly name: string | undefined
}

/** One error for all that is missing. */
export function missingError(
  missing: readonly MissingReference[],
  names: Iterable<string>,
  searched: readonly string[],
): StaticFilesError {
  const count = missing.length === 1 ? '1 reference names a file' : `${missing.length} references name files`
  return new StaticFilesError(
    `${count} that no finder has\n\n${describeMissing(missing, names)}\n\n` +
      `Searched: ${searched.join(', ') || 'nothing: `dirs` and `apps` are empty'}\n` +
      'Add the file or correct the reference; leave out the file that holds it with `ignore`; or set ' +
      '`strict: false` to keep such references as they are.',
  )
}

/** Each missing reference with its place, its name and the nearest names that exist. */
export function describeMissing(missing: readonly MissingReference[], names: Iterable<string>): string {
  const all = [...names]
  // Hints are for people: they look at a few, and each costs a pass over all names.
  const lines = missing.map((reference, index) => describe(reference, index < MOST_HINTS ? all : []))
  return lines.join('\n')
}

/** A few of the imports of installed packages that lead nowhere. */
export function describeForeign(missing: readonly MissingReference[]): string {
  const places = missing
    .slice(0, MOST_FOREIGN)
    .map(({ source, line, column, url }) => `  ${source}:${line}:${column}  ${url}`)
  const more = missing.length > MOST_FOREIGN ? [`  … and ${missing.length - MOST_FOREIGN} more`] : []
  const count = missing.length === 1 ? '1 import' : `${missing.length} imports`
  return `${count} in scripts of installed packages name files that no finder has, and stay as they are\n${[...places, ...more].join('\n')}`
}

const MOST_FOREIGN = 3

const MOST_HINTS = 20

function describe({ source, line, column, url, name }: MissingReference, names: readonly string[]): string {
  const place = `  ${source}:${line}:${column}  ${pc.bold(url)}`
  if (name === undefined) return `${place}\n    leads out of the static root`
  return `${place}\n    ${noFileNamed(name, names)}`
}

/** Says that a name has no file, and which names are like it. */
export function noFileNamed(name: string, names: Iterable<string>): string {
  return `no file is named ${name}${didYouMean(nearestNames(name, names))}`
}
