import { readdirSync } from 'node:fs'
import path from 'node:path'
import { withoutSymlinks } from '../../base/files/stat.ts'

/**
 * Finds the paths that finders have for a file that a bundler names by its real path. It reads the real paths of folders
 * only, and the symlinks in them, because there are far fewer folders than files.
 */
export class FinderPaths {
  readonly #sources: ReadonlySet<string>
  /** The paths of finders by the real path, if both differ. */
  readonly #byRealPath = new Map<string, string[]>()

  /** @param sources the files that finders found, best first */
  constructor(sources: Iterable<string>) {
    this.#sources = new Set(sources)
    const folders = new Map<string, Folder>()
    for (const source of this.#sources) {
      const folder = path.dirname(source)
      const read = folders.get(folder) ?? readFolder(folder)
      folders.set(folder, read)
      const real = read.links.has(path.basename(source))
        ? withoutSymlinks(source)
        : path.join(read.real, path.basename(source))
      if (real !== source) this.#byRealPath.set(real, [...(this.#byRealPath.get(real) ?? []), source])
    }
  }

  /** Returns the paths that finders have for a file, best first, or none if no finder has it. */
  of(file: string): string[] {
    const linked = this.#byRealPath.get(file) ?? []
    return this.#sources.has(file) ? [file, ...linked] : linked
  }
}

interface Folder {
  /** Its real path. */
  readonly real: string
  /** The names in it that are symlinks. */
  readonly links: ReadonlySet<string>
}

function readFolder(folder: string): Folder {
  return { real: withoutSymlinks(folder), links: new Set(linksIn(folder)) }
}

function linksIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter(entry => entry.isSymbolicLink()).map(({ name }) => name)
  } catch {
    return []
  }
}
