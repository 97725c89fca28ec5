import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)

// What takes as long to load as much of this package, and what many builds never need.

/** For globs. */
export function loadFastGlob(): typeof import('fast-glob') {
  return require('fast-glob')
}

/** For stylesheets that are minified. */
export function loadLightningcss(): typeof import('lightningcss') {
  return require('lightningcss')
}

/** Without loading it. */
export function lightningcssVersion(): string {
  const folder = path.dirname(require.resolve('lightningcss'))
  return JSON.parse(readFileSync(path.join(folder, '../package.json'), 'utf8')).version
}
