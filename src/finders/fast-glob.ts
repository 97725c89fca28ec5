import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Loads what takes as long to load as much of this package, and what many builds never need. */
export function fastGlob(): typeof import('fast-glob') {
  return require('fast-glob')
}
