import { basename } from '../base/names.ts'
import { unquote } from '../base/python/url.ts'
import { type StoredFile, withVersion } from '../base/stored-file.ts'
import type { Reference } from './reference.ts'

/** A reference to a name below the static URL. It is plain data, which threads can exchange. */
export interface ResolvedReference {
  readonly reference: Reference
  /** The name it refers to; `undefined` if the path leads out of the static root. */
  readonly name: string | undefined
  /** The folders in the reference, which are kept; `undefined` if it starts with the static URL, because it becomes relative. */
  readonly folder: string | undefined
  /** Query and fragment, which are kept. */
  readonly suffix: string
}

/**
 * Resolves a reference like Django's `HashedFilesMixin.url_converter`, with one exception: a reference that starts with
 * the static URL becomes relative, so that the same files can be served from any prefix and host.
 * @param from the name of the file that holds the reference
 * @param staticPath the path of the static URL: `/static/`
 * @returns `undefined` if the reference does not name a static file: it has another scheme or host, leads outside the
 * static URL or to a folder, or has no path
 */
export function resolveReference(
  reference: Reference,
  from: string,
  staticPath: string,
): ResolvedReference | undefined {
  const url = reference.url.trim()
  if (/^[a-z][a-z0-9+.-]*:/iu.test(url) || url.startsWith('//')) return undefined
  const { path, suffix } = split(url)
  if (path === '' || path.endsWith('/')) return undefined
  if (!path.startsWith('/')) {
    const folder = dirname(unquote(path))
    return { reference, name: normalize(dirname(from) + unquote(path)), folder, suffix }
  }
  if (!path.startsWith(staticPath)) return undefined
  return { reference, name: normalize(unquote(path.slice(staticPath.length))), folder: undefined, suffix }
}

/**
 * Returns the URL that refers to the stored file.
 * @param from the name of the file that holds the reference
 */
export function urlOf(
  { reference: { kind }, folder, suffix }: ResolvedReference,
  from: string,
  { name, version }: StoredFile,
): string {
  const path = folder === undefined ? relativeUrl(from, name, kind) : encode(folder + basename(name), kind)
  return path + withVersion(suffix, version)
}

/** Splits off query and fragment. Like Django, it drops an empty one, but keeps the `?#iefix` of old `@font-face` rules. */
function split(url: string): { path: string; suffix: string } {
  const end = url.search(/[?#]/u)
  if (end === -1) return { path: url, suffix: '' }
  const suffix = url.slice(end).replace(/#$/u, '').replace(/^\?$/u, '')
  return { path: url.slice(0, end), suffix: suffix.replace(/^\?#$/u, '') }
}

/** Percent-encodes what would end a URL or its path; other characters stay readable, which is Django's output too. */
function encode(path: string, kind: Reference['kind']): string {
  const unsafe = kind === 'source-map' ? /[%?#\\\s]|\p{Cc}/gu : /[%?#\\]|\p{Cc}|^ +| +$/gu
  const encoded = path.replace(unsafe, encodeURIComponent)
  // A colon in the first folder would end a scheme.
  return /^[^/]*:/u.test(encoded) ? `./${encoded}` : encoded
}

/** Resolves `.` and `..`; returns `undefined` if the path leads above the static root. */
function normalize(path: string): string | undefined {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return undefined
  }
  return segments.join('/')
}

function relativeUrl(from: string, to: string, kind: Reference['kind']): string {
  const fromFolders = from.split('/').slice(0, -1)
  const toSegments = to.split('/')
  let shared = 0
  while (shared < fromFolders.length && fromFolders[shared] === toSegments[shared]) shared++
  const up = '../'.repeat(fromFolders.length - shared)
  const url = encode(up + toSegments.slice(shared).join('/'), kind)
  return kind === 'module' && !/^\.{1,2}\//u.test(url) ? `./${url}` : url
}

function dirname(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1)
}
