import path from 'node:path'
import { isFolder } from '../../base/files/stat.ts'
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
    python: python === undefined ? undefined : pythonPath(python, root),
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

/** A command stays as it is, unless a folder has its name, as `.venv` may have. */
function pythonPath(python: string, root: string): string {
  const file = path.resolve(root, python)
  return /[\\/]/u.test(python) || isFolder(file) ? file : python
}
