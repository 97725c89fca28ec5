import path from 'node:path'
import { contains, relativePath } from '../base/files/paths.ts'
import type { Ignore } from './ignore.ts'

/** A folder that a finder searches. */
export interface Location {
  /** The prefix of all names in the folder, without a slash at the end; '' for none. */
  readonly prefix: string
  /** The folder's absolute path. */
  readonly root: string
  /** The option that names the folder, for messages. */
  readonly option: string
}

/** A file that a finder lists. */
export interface ListedFile {
  /** The static name, always with `/`. */
  readonly name: string
  /** The file's absolute path. */
  readonly source: string
  /** The location of the file, for messages; custom finders may have none. */
  readonly location?: Location | undefined
}

/** The options of a finder's `list()`. */
export interface ListOptions {
  readonly ignore: Ignore
  /** Reports what cannot be listed: a broken symlink, a loop. */
  warn(message: string): void
}

/** Returns the path of `name` in `location`, or `undefined` if it cannot lie there. */
export function sourceIn(location: Location, name: string): string | undefined {
  const { root } = location
  const start = nameStart(location)
  if (!name.startsWith(start)) return undefined
  const source = path.resolve(root, name.slice(start.length))
  return contains(root, source) ? source : undefined
}

/** Returns the start of all names in a location. */
export function nameStart({ prefix }: Location): string {
  return prefix === '' ? '' : `${prefix}/`
}

/** Returns the name of a source in a location, or `undefined` if it does not lie there. */
export function nameIn(location: Location, source: string): string | undefined {
  return contains(location.root, source)
    ? nameStart(location) + relativePath(location.root, source)
    : undefined
}
