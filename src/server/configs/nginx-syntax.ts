import { StaticFilesError } from '../../base/errors.ts'

/** A word, between quotes where it needs them. */
export function quoted(text: string): string {
  return /^[^\s;{}"'\\#$]+$/u.test(text) ? text : `"${text.replace(/["\\]/gu, String.raw`\$&`)}"`
}

/**
 * A path with what comes behind it.
 * @throws StaticFilesError where it has a `$`: nginx takes that for a variable even between quotes, and nothing escapes it
 */
export function quotedPath(path: string, end = ''): string {
  if (/[$\p{Cc}]/u.test(path)) {
    const shown = JSON.stringify(path)
    throw new StaticFilesError(
      `nginx cannot name the path ${shown}: it has a dollar sign or a control character; rename the folder`,
    )
  }
  return quoted(path.replace(/\/$/u, '') + end)
}

/** A regular expression. Of backslashes only pairs are halved by nginx. */
export function quotedRegex(pattern: string): string {
  return `"${pattern.replaceAll('\\\\', '\\\\\\\\').replaceAll('"', String.raw`\"`)}"`
}
