import path from 'node:path'
import { contains, relativePath } from '../base/files/paths.ts'
import type { Ignore } from './ignore.ts'

/** A folder that a finder searches. */
export interface Location {
  /** What comes before a file's path to make its name, without a slash at the end; '' for none. */
  readonly prefix: string
  /** The folder's absolute path. */
  readonly root: string
  /** The option that named the folder, for messages. */
  readonly option: string
}

/** A file as a finder lists it. */
export interface ListedFile {
  /** The static name, always with `/`. */
  readonly name: string
  /** The file's absolute path. */
  readonly source: string
  /** Where it was found, for messages; custom finders may have none. */
  readonly location?: Location | undefined
}

/** What a finder needs for listing. */
export interface ListOptions {
  readonly ignore: Ignore
  /** Reports what could not be listed: a broken symbolic link, a loop. */
  warn(message: string): void
}

/** The path that `name` has in `location`, or `undefined` where it cannot lie there. */
export function sourceIn(location: Location, name: string): string | undefined {
  const { root } = location
  const start = nameStart(location)
  if (!name.startsWith(start)) return undefined
  const source = path.resolve(root, name.slice(start.length))
  return contains(root, source) ? source : undefined
}

/** What all names of a location start with. */
export function nameStart({ prefix }: Location): string {
  return prefix === '' ? '' : `${prefix}/`
}

/** The name that a source has in a location; `undefined` where it does not lie there. */
export function nameIn(location: Location, source: string): string | undefined {
  return contains(location.root, source)
    ? nameStart(location) + relativePath(location.root, source)
    : undefined
}
