import path from 'node:path'
import { contains, relativePath } from '../../../base/files/paths.ts'
import type { Entry } from '../../../finders/entries.ts'

/** Returns the path of a source in Vite's module graph, below Vite's base and not encoded. */
export function modulePath(source: string, root: string): string {
  if (contains(root, source)) return `/${relativePath(root, source)}`
  return fsPath(source)
}

/** Returns the path by which Vite finds any source. */
export function fsPath(source: string): string {
  return `/@fs/${source.replaceAll(path.sep, '/').replace(/^\//u, '')}`
}

/**
 * Marks the URL of an entry's module if that is also the URL of the entry's name, which responds with the facade. Vite
 * treats it as one of its timestamps, so that the module has its plain path in the module graph and for all plugins.
 */
const MODULE_MARK = 't=0000000000000'

/** Whether the URL of an entry's name is that of its module, because its paths in Vite's root and in a location are equal. */
export function isNamedAsModule({ name, source }: Entry, root: string): boolean {
  return modulePath(source, root) === `/${name}`
}

/**
 * Returns the URL of an entry's module below Vite's base, for a browser.
 * @param timestamp `t=…`, if Vite's client requests the module again
 */
export function entryUrl(entry: Entry, root: string, timestamp?: string): string {
  const query = timestamp ?? (isNamedAsModule(entry, root) ? MODULE_MARK : undefined)
  return encodeURI(modulePath(entry.source, root)) + (query === undefined ? '' : `?${query}`)
}

/** Returns Vite's timestamp, or the mark of {@link entryUrl}, in a query. */
export function timestampIn(query: string): string | undefined {
  return /(?<=[?&])t=\d{13}(?=&|$)/u.exec(query)?.[0]
}

/**
 * Returns the path in Vite's module graph of a URL, decoded and unwrapped as Vite does it.
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

/** Does what Vite's `unwrapId` does: in a URL, an id that is not a path follows `/@id/`, and has `__x00__` for a null byte. */
function unwrapped(path: string): string {
  return path.startsWith('/@id/') ? path.slice('/@id/'.length).replace('__x00__', '\0') : path
}
