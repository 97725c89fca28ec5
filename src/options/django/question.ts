import path from 'node:path'
import { isFolder } from '../../base/files/stat.ts'
import type { DjangoOptions, Options } from '../options.ts'

/** What Django is asked, and where its answers are cached. */
export interface Question {
  /** The absolute path of manage.py. */
  readonly manage: string
  readonly python: string | undefined
  readonly settings: string | undefined
  /** The environment of this process with the variables of the options. */
  readonly env: NodeJS.ProcessEnv
  /** The patterns that finders with their own list leave out, besides those of Django's app. */
  readonly ignore: readonly string[]
  readonly noDefaultIgnore: boolean
  /** Vite's `cacheDir`. */
  readonly cacheDir: string
}

/** Makes the question, or returns `undefined` without the option `django`. Relative paths start at `root`. */
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

/** Returns the long form of the option `django`. */
export function djangoOptionsOf(django: string | DjangoOptions): DjangoOptions {
  return typeof django === 'string' ? { manage: django } : django
}

/** A command stays as it is, unless a folder has its name, as `.venv` may have. */
function pythonPath(python: string, root: string): string {
  const file = path.resolve(root, python)
  return /[\\/]/u.test(python) || isFolder(file) ? file : python
}
