import { readdirSync } from 'node:fs'
import path from 'node:path'
import { realPath } from '../../base/files/real-path.ts'

/**
 * Finds the paths that finders have for a file that a bundler names by its real path. Only folders are asked for their
 * real paths, and for the symlinks in them: there are far fewer of them than files.
 */
export class FinderPaths {
  readonly #sources: ReadonlySet<string>
  /** The paths of finders by the real path, where both differ. */
  readonly #byRealPath = new Map<string, string[]>()

  /** @param sources the files that finders found, best first */
  constructor(sources: Iterable<string>) {
    this.#sources = new Set(sources)
    const folders = new Map<string, Folder>()
    for (const source of this.#sources) {
      const folder = path.dirname(source)
      const known = folders.get(folder) ?? lookAt(folder)
      folders.set(folder, known)
      const real = known.links.has(path.basename(source))
        ? realPath(source)
        : path.join(known.real, path.basename(source))
      if (real !== source) this.#byRealPath.set(real, [...(this.#byRealPath.get(real) ?? []), source])
    }
  }

  /** Returns the paths that finders have for a file, best first; none if no finder has it. */
  of(file: string): string[] {
    const linked = this.#byRealPath.get(file) ?? []
    return this.#sources.has(file) ? [file, ...linked] : linked
  }
}

interface Folder {
  readonly real: string
  /** The names in it that are symlinks. */
  readonly links: ReadonlySet<string>
}

function lookAt(folder: string): Folder {
  return { real: realPath(folder), links: new Set(linksIn(folder)) }
}

function linksIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter(entry => entry.isSymbolicLink()).map(({ name }) => name)
  } catch {
    return []
  }
}
