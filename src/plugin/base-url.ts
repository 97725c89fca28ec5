import path from 'node:path'
import MagicString from 'magic-string'
import type { Plugin } from 'vite'

/** Stands for the URL of the static root until the path of the chunk is known. */
export const BASE_URL = '__STATICFILES_BASE_URL__'

/** Writes the URL of the static root into chunks, those of workers too, which are bundled separately. */
export function baseUrlPlugin(): Plugin {
  return {
    name: 'staticfiles:base-url',
    applyToEnvironment: environment => environment.name === 'client',
    renderChunk: (code, chunk, { format }) => writeBaseUrl(code, chunk.fileName, format),
  }
}

/**
 * Writes code into a chunk that finds the URL of the static root from the chunk's own URL, so that it is right on every
 * page, under any prefix and on any host.
 */
function writeBaseUrl(
  code: string,
  fileName: string,
  format: string,
): { code: string; map: ReturnType<MagicString['generateMap']> } | undefined {
  if (!code.includes(BASE_URL)) return undefined
  const up = path.posix.relative(path.posix.dirname(fileName), '')
  const url = `new URL(${JSON.stringify(up === '' ? './' : `${up}/`)}, ${ownUrl(format)}).href`
  const output = new MagicString(code).replaceAll(BASE_URL, url)
  return { code: output.toString(), map: output.generateMap({ hires: 'boundary' }) }
}

/** Returns code for a chunk's own URL. A script that is not a module is a worker, or is in `document.currentScript`. */
function ownUrl(format: string): string {
  if (format === 'es' || format === 'esm' || format === 'module') return 'import.meta.url'
  if (format === 'system') return 'module.meta.url'
  return "(typeof document === 'undefined' ? self.location.href : document.currentScript?.src ?? document.baseURI)"
}
