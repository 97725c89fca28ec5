import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import fastGlob, { type Entry } from 'fast-glob'
import { StaticFilesError } from './errors.ts'
import { contains, type ListedFile, type ListOptions, type Location, nameStart } from './finders.ts'
import type { Ignore } from './ignore.ts'

/** Lists the files of one location in the order of their paths; symbolic links are followed. */
export async function listLocation(location: Location, options: ListOptions): Promise<ListedFile[]> {
  const root = await realpath(location.root).catch(() => undefined)
  if (root === undefined) return []
  const paths = await listFolder({ folder: root, above: '', ancestors: [root] }, options)
  paths.sort()
  const start = nameStart(location)
  return paths.map(file => ({ name: start + file, source: path.join(location.root, file), location }))
}

interface Folder {
  /** The real path to list. */
  readonly folder: string
  /** Its path in the location, with a slash at the end; '' for the location itself. */
  readonly above: string
  /** The real paths of the location, and of each link that led here: the folder that holds it and its target. */
  readonly ancestors: readonly string[]
}

async function listFolder(folder: Folder, options: ListOptions): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readFolder(folder.folder, options.ignore)) {
    const file = folder.above + entry.path
    if (entry.dirent.isFile()) paths.push(file)
    else if (entry.dirent.isSymbolicLink()) await followLink(folder, entry.path, paths, options)
  }
  return paths.filter(file => !options.ignore.ignores(file))
}

async function readFolder(folder: string, ignore: Ignore): Promise<Entry[]> {
  try {
    // Not `**` alone: it knows no line breaks, and macOS names a file `Icon\r`.
    return await fastGlob('**/*', {
      cwd: folder,
      dot: true,
      objectMode: true,
      onlyFiles: false,
      followSymbolicLinks: false,
      ignore: prunedFolders(ignore),
    })
  } catch (error) {
    throw new StaticFilesError(`cannot list ${folder}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Globs that keep the walk out of ignored folders. Only patterns whose meaning the two grammars share are given; the
 * rest is filtered afterwards.
 */
function prunedFolders(ignore: Ignore): string[] {
  return ignore.patterns.filter(pattern => /^[\w.~*-]+$/u.test(pattern)).map(pattern => `**/${pattern}/**`)
}

async function followLink(from: Folder, link: string, paths: string[], options: ListOptions): Promise<void> {
  const full = path.join(from.folder, link)
  const name = from.above + link
  if (options.ignore.ignoresFolder(name)) return
  const target = await stat(full).catch(() => undefined)
  if (target?.isFile()) paths.push(name)
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
