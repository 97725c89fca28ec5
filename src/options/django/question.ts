import path from 'node:path'
import type { DjangoOptions, Options } from '../options.ts'

/** What is asked, and where answers are kept. */
export interface Question {
  /** The absolute path of manage.py. */
  readonly manage: string
  readonly python: string | undefined
  readonly settings: string | undefined
  /** The environment of this process with the variables of the options. */
  readonly env: NodeJS.ProcessEnv
  /** What finders that list their own files are to leave out, besides the patterns of the app. */
  readonly ignore: readonly string[]
  readonly noDefaultIgnore: boolean
  /** Vite's `cacheDir`. */
  readonly cacheDir: string
}

/** The question that the options ask; `undefined` without `django`. Relative paths start at `root`. */
export function questionOf(options: Options, root: string, cacheDir: string): Question | undefined {
  const { django, ignore = [], defaultIgnore } = options
  if (django === undefined || django === false) return undefined
  const { manage = 'manage.py', python, settings, env } = djangoOptionsOf(django)
  return {
    manage: path.resolve(root, manage),
    python: python !== undefined && /[\\/]/u.test(python) ? path.resolve(root, python) : python,
    settings,
    env: { ...process.env, ...env },
    ignore,
    noDefaultIgnore: defaultIgnore === false,
    cacheDir,
  }
}

/** The long form of the option. */
export function djangoOptionsOf(django: string | DjangoOptions): DjangoOptions {
  return typeof django === 'string' ? { manage: django } : django
}
