import path from 'node:path'
import { contains, relativePath } from '../../../base/files/paths.ts'
import type { Entry } from '../../../finders/entries.ts'

/** The path, below Vite's base and not encoded, by which Vite's module graph knows a source. */
export function modulePath(source: string, root: string): string {
  if (contains(root, source)) return `/${relativePath(root, source)}`
  return fsPath(source)
}

/** The path by which Vite finds any source. */
export function fsPath(source: string): string {
  return `/@fs/${source.replaceAll(path.sep, '/').replace(/^\//u, '')}`
}

/**
 * Marks the URL of an entry's module if it is the URL of the entry's name too, which answers the facade. Vite takes it
 * for one of its timestamps, so that the module graph and all plugins know the module by its plain path.
 */
const MODULE_MARK = 't=0000000000000'

/** Whether the URL of an entry's name is that of its module: both Vite's root and a location hold it at the same path. */
export function isNamedAsModule({ name, source }: Entry, root: string): boolean {
  return modulePath(source, root) === `/${name}`
}

/**
 * The URL of an entry's module below Vite's base, for a browser.
 * @param timestamp `t=…`, if Vite's client asks for the module again
 */
export function entryUrl(entry: Entry, root: string, timestamp?: string): string {
  const query = timestamp ?? (isNamedAsModule(entry, root) ? MODULE_MARK : undefined)
  return encodeURI(modulePath(entry.source, root)) + (query === undefined ? '' : `?${query}`)
}

/** The timestamp of Vite, or the mark of {@link entryUrl}, in a query. */
export function timestampIn(query: string): string | undefined {
  return /(?<=[?&])t=\d{13}(?=&|$)/u.exec(query)?.[0]
}

/**
 * The path by which Vite's module graph knows what a URL asks for: decoded and unwrapped as Vite does it.
 * @returns `undefined` if the URL is not below Vite's base, or not decodable
 */
export function graphPath(url: string, base: string): string | undefined {
  if (!url.startsWith(base)) return undefined
  const path = url
    .slice(base.length - 1)
    .replace(/([?&])t=\d{13}(?:&|$)/u, '$1')
    .replace(/([?&])import=?(?:&|$)/u, '$1')
    .replace(/[?&]$/u, '')
  try {
    return unwrapped(decodeURI(path))
  } catch {
    return undefined
  }
}

/** Vite's `unwrapId`: what is not a path has `/@id/` before it in a URL, and `__x00__` instead of a null byte. */
function unwrapped(path: string): string {
  return path.startsWith('/@id/') ? path.slice('/@id/'.length).replace('__x00__', '\0') : path
}
