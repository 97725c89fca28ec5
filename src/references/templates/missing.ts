import { StaticFilesError } from '../../base/errors.ts'
import { isInstalled } from '../../base/installed.ts'
import { type Finder, rootsOf } from '../../finders/finders.ts'
import { describeMissing } from '../missing.ts'
import type { TemplateReference } from './read.ts'

/** The options of {@link checkMissingNames}. */
export interface MissingNamesOptions {
  /** Whether a missing name is an error instead of a warning. */
  readonly strict: boolean
  /** The finders that were searched; an error names their folders. */
  readonly finders: readonly Finder[]
}

/**
 * Reports names in templates that have no file, so that Django could not render them.
 * @throws StaticFilesError unless `strict` is off, or only templates of installed packages have such names: the user
 * cannot edit those, and they may never be rendered
 */
export function checkMissingNames(
  references: readonly TemplateReference[],
  names: ReadonlySet<string>,
  { strict, finders }: MissingNamesOptions,
  warn: (message: string) => void,
): void {
  const missing = references.filter(({ name }) => !names.has(name))
  const own = strict ? missing.filter(({ source }) => !isInstalled(source)) : []
  const others = missing.filter(reference => !own.includes(reference))
  if (others.length > 0) warn(describeMissingNames(others, names))
  if (own.length === 0) return
  throw new StaticFilesError(
    `${describeMissingNames(own, names)}\n\n` +
      `Searched: ${rootsOf(finders).join(', ') || 'nothing: `dirs` and `apps` are empty'}\n` +
      'Add the file or correct the name; or set `strict: false` to be warned only. Django fails on such a name when it ' +
      'renders the template.',
  )
}

/** Describes the missing names in templates, each with its position and the nearest names. */
export function describeMissingNames(missing: readonly TemplateReference[], names: Iterable<string>): string {
  const count =
    missing.length === 1
      ? '1 static name in a template has'
      : `${missing.length} static names in templates have`
  return `${count} no file\n\n${describeMissing(missing, names)}`
}
