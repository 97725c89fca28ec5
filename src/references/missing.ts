import pc from 'picocolors'
import { StaticFilesError } from '../base/errors.ts'
import { didYouMean, nearestNames } from '../base/text/nearest-names.ts'

/** A reference to a file that does not exist. */
export interface MissingReference {
  /** The absolute path of the file that holds the reference. */
  readonly source: string
  /** The position in that file, both from 1; columns count UTF-16 units. */
  readonly line: number
  readonly column: number
  /** The URL as it stands in the file. */
  readonly url: string
  /** The name that the URL resolves to; `undefined` if it leads out of the static root. */
  readonly name: string | undefined
}

/** Makes one error of all missing references. */
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

/** Describes each missing reference with its position, its name and the nearest names that exist. */
export function describeMissing(missing: readonly MissingReference[], names: Iterable<string>): string {
  const all = [...names]
  // People read only a few hints, and each costs a pass over all names.
  const lines = missing.map((reference, index) => describe(reference, index < MOST_HINTS ? all : []))
  return lines.join('\n')
}

/** Describes the imports of installed packages that lead nowhere, and shows a few of them. */
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
