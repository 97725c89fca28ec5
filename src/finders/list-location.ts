import { type Dirent, readdirSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { contains, pathsIn } from '../base/files/paths.ts'
import { walk } from '../base/files/walk.ts'
import { type ListedFile, type ListOptions, type Location, nameStart } from './location.ts'

/** Lists the files of a location in the order of their paths, and follows symlinks. */
export async function listLocation(location: Location, options: ListOptions): Promise<ListedFile[]> {
  const root = await realpath(location.root).catch(() => undefined)
  if (root === undefined) return []
  const paths = await listFolder({ folder: root, above: '', ancestors: [root] }, options)
  paths.sort()
  const start = nameStart(location)
  const sourceOf = pathsIn(location.root)
  return paths.map(file => ({ name: start + file, source: sourceOf(file), location }))
}

interface Folder {
  /** The folder's real path. */
  readonly folder: string
  /** The folder's path in the location, with a slash at the end; '' for the location itself. */
  readonly above: string
  /** The real paths of the location, and of each symlink that led here: both the folder that holds it and its target. */
  readonly ancestors: readonly string[]
}

async function listFolder(folder: Folder, options: ListOptions): Promise<string[]> {
  const paths: string[] = []
  const links: string[] = []
  const visit = (file: string, entry: Dirent) => {
    const name = folder.above + file
    if (entry.isDirectory()) return !options.ignore.ignoresFolder(name)
    if (entry.isFile() && !options.ignore.ignores(name)) paths.push(name)
    if (entry.isSymbolicLink()) links.push(file)
    return false
  }
  walk(folder.folder, visit, readFolder)
  for (const link of links) await followLink(folder, link, paths, options)
  return paths
}

function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    throw new StaticFilesError(`cannot list ${folder}: ${(cause as Error).message}`, { cause })
  }
}

async function followLink(from: Folder, link: string, paths: string[], options: ListOptions): Promise<void> {
  const full = path.join(from.folder, link)
  const name = from.above + link
  if (options.ignore.ignoresFolder(name)) return
  const target = await stat(full).catch(() => undefined)
  if (target?.isFile() && !options.ignore.ignores(name)) paths.push(name)
  else if (target === undefined && !options.ignore.ignores(name)) {
    options.warn(`${full} is a broken symbolic link: it is not collected`)
  }
  if (target?.isDirectory()) {
    const folder = await realpath(full)
    const chain = [...from.ancestors, await realpath(path.dirname(full))]
    if (chain.some(ancestor => ancestor === folder || contains(folder, ancestor))) {
      options.warn(`${full} links to ${folder}, a folder above it: it is not followed`)
    } else {
      const ancestors = [...chain, folder]
      paths.push(...(await listFolder({ folder, above: `${name}/`, ancestors }, options)))
    }
  }
}
