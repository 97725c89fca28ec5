import { fnmatchRegExp } from '../base/python/fnmatch.ts'

/** What Django's `StaticFilesConfig.ignore_patterns` holds unless an app configuration changes it. */
export const DEFAULT_IGNORE = ['CVS', '.*', '*~'] as const

/** The patterns of files and folders that are not collected. */
export interface Ignore {
  readonly patterns: readonly string[]
  /** Whether the file at `path`, relative to its location and without its prefix, is left out. */
  ignores(path: string): boolean
  /** Whether the folder at `path` is left out with all below it. */
  ignoresFolder(path: string): boolean
}

/**
 * Matches as Django's `django.contrib.staticfiles.utils.get_files`: a file by its basename and, below a folder, by its
 * path too; a folder by its basename only.
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
