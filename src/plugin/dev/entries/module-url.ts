import path from 'node:path'
import { contains, relativePath } from '../../../base/files/paths.ts'
import type { Entry } from '../../../finders/entries.ts'

/** The URL, below Vite's base, that Vite gives a source. */
export function moduleUrl(source: string, root: string): string {
  if (!contains(root, source)) return fsUrl(source)
  return encodeURI(`/${relativePath(root, source)}`)
}

/**
 * The URL of an entry's module. It is never that of the entry's name, which answers another module: where Vite's root
 * is a location, both would be the same.
 */
export function entryUrl({ name, source }: Entry, root: string): string {
  const url = moduleUrl(source, root)
  return url === encodeURI(`/${name}`) ? fsUrl(source) : url
}

function fsUrl(source: string): string {
  return encodeURI(`/@fs/${source.replaceAll(path.sep, '/').replace(/^\//u, '')}`)
}
