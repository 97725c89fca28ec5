import { realpathSync } from 'node:fs'
import path from 'node:path'
import picomatch from 'picomatch'
import { contains } from '../../../base/files/paths.ts'
import { isPlainPath } from '../../../base/names.ts'
import { type Finder, find } from '../../../finders/finders.ts'
import type { Ignore } from '../../../finders/ignore.ts'
import { type Location, nameStart } from '../../../finders/location.ts'

/** The files outside the locations that may be served: Vite's `server.fs`. */
export interface FileAccess {
  readonly strict?: boolean | undefined
  readonly allow?: readonly string[] | undefined
  readonly deny?: readonly string[] | undefined
}

/** Why a name is not served. */
export type Refusal = 'missing' | 'ignored' | 'outside'

/** The places where {@link servableSource} looks. */
export interface Places {
  readonly finders: readonly Finder[]
  readonly ignore: Ignore
  readonly access: FileAccess
}

/**
 * Returns the file that a static name is served from: the one that the finders find, unless a build would not collect it, or
 * a symlink leads out of the locations to where Vite would not serve anything either.
 */
export function servableSource(name: string, places: Places): { source: string } | { refusal: Refusal } {
  if (!isName(name)) return { refusal: 'missing' }
  const source = find(places.finders, name)
  if (source === undefined) return { refusal: 'missing' }
  const locations = places.finders.flatMap(finder => finder.locations)
  if (isIgnored(source, name, locations, places.ignore)) return { refusal: 'ignored' }
  return followLinks(source, locations, places.access)
}

/** Whether a text can be a static name on every system. */
export function isName(name: string, platform: NodeJS.Platform = process.platform): boolean {
  if (!isPlainPath(name) || /[\0\\]/u.test(name)) return false
  return platform !== 'win32' || !name.split('/').some(isReservedOnWindows)
}

/** Whether Windows reserves a name: devices, streams (`a.txt::$DATA`), and endings that it drops. */
function isReservedOnWindows(segment: string): boolean {
  return /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\..*)?$|[:*?"<>|]|[. ]$/iu.test(segment)
}

function isIgnored(source: string, name: string, locations: readonly Location[], ignore: Ignore): boolean {
  const location = locations.find(each => contains(each.root, source) && name.startsWith(nameStart(each)))
  return location !== undefined && ignore.ignores(name.slice(nameStart(location).length))
}

function followLinks(
  source: string,
  locations: readonly Location[],
  access: FileAccess,
): { source: string } | { refusal: Refusal } {
  const real = realpathSync.native(source)
  if (real === source) return { source }
  // A file system that ignores case finds a file that no other system would.
  if (real.toLowerCase() === source.toLowerCase()) return { refusal: 'missing' }
  const inLocation = locations.some(({ root }) => contains(realRoot(root), real))
  return inLocation || isAllowed(real, access) ? { source } : { refusal: 'outside' }
}

function realRoot(root: string): string {
  try {
    return realpathSync.native(root)
  } catch {
    return root
  }
}

/** @see https://vite.dev/config/server-options#server-fs-allow */
function isAllowed(file: string, { strict = true, allow = [], deny = [] }: FileAccess): boolean {
  if (!strict) return true
  const denied = picomatch.isMatch(file, [...deny], { basename: true, nocase: true, dot: true })
  return !denied && allow.some(folder => contains(path.resolve(folder), file))
}
