import { StaticFilesError } from '../../base/errors.ts'

/** Quotes a word if necessary. */
export function quoted(text: string): string {
  return /^[^\s;{}"'\\#$]+$/u.test(text) ? text : `"${text.replace(/["\\]/gu, String.raw`\$&`)}"`
}

/**
 * Quotes a path if necessary.
 * @param end is appended to the path; it may have variables
 * @throws StaticFilesError if the path has a `$`: nginx reads that as a variable even in quotes, and nothing escapes it
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

/** Quotes a regular expression. nginx halves backslashes only in pairs. */
export function quotedRegex(pattern: string): string {
  return `"${pattern.replaceAll('\\\\', '\\\\\\\\').replaceAll('"', String.raw`\"`)}"`
}
