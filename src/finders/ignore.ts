import { fnmatchRegExp } from '../base/python/fnmatch.ts'

/** The default of Django's `StaticFilesConfig.ignore_patterns`. */
export const DEFAULT_IGNORE = ['CVS', '.*', '*~'] as const

/** The patterns of files and folders that are not collected. */
export interface Ignore {
  readonly patterns: readonly string[]
  /** Whether to leave out the file at `path`, which is relative to its location and has no prefix. */
  ignores(path: string): boolean
  /** Whether to leave out the folder at `path` with everything below it. */
  ignoresFolder(path: string): boolean
}

/**
 * Matches like Django's `django.contrib.staticfiles.utils.get_files`: a file by its basename and, below a folder, also by
 * its path; a folder only by its basename.
 */
export function createIgnore(patterns: readonly string[]): Ignore {
  const expressions = patterns.map(fnmatchRegExp)
  const matches = (text: string) => expressions.some(expression => expression.test(text))
  const matchesSegment = memoize(matches)
  return {
    patterns,
    ignoresFolder: path => path.split('/').some(matchesSegment),
    ignores(path) {
      const segments = path.split('/')
      const basename = segments.pop() ?? path
      return matches(basename) || segments.some(matchesSegment) || (segments.length > 0 && matches(path))
    },
  }
}

function memoize(compute: (key: string) => boolean): (key: string) => boolean {
  const results = new Map<string, boolean>()
  return key => {
    const value = results.get(key) ?? compute(key)
    results.set(key, value)
    return value
  }
}
