import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Returns the version of this package. Its path is resolved, because sources and built files differ in depth. */
export function packageVersion(): string {
  const file = createRequire(import.meta.url).resolve('vite-plugin-staticfiles/package.json')
  return JSON.parse(readFileSync(file, 'utf8')).version
}
