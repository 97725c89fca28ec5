import { splitExtension } from '../../base/names.ts'
import { needsBundler } from '../../finders/entries.ts'
import { type Finder, find } from '../../finders/finders.ts'
import { Manifest } from '../../static-root/manifest/manifest.ts'

/** Returns the names in a manifest that a bundler made something else of; none if there is no manifest. */
export function builtNamesIn(manifest: string): string[] {
  try {
    return [...Manifest.load(manifest).paths]
      .filter(([name, file]) => isBuilt(name, file))
      .map(([name]) => name)
  } catch {
    return []
  }
}

/** A source that is only collected keeps its extension. */
function isBuilt(name: string, file: string): boolean {
  return needsBundler(name) && splitExtension(name).extension !== splitExtension(file).extension
}

/**
 * Returns a warning about entries of the last build that this build does not have, although their sources are there. It
 * is how one Vite configuration drops what another has built into the same folder.
 * @param consumed the sources that are part of this build's bundle
 */
export function lostEntriesWarning(
  before: readonly string[],
  paths: ReadonlyMap<string, string>,
  { finders, consumed }: { finders: readonly Finder[]; consumed: ReadonlySet<string> },
): string | undefined {
  const lost = before.filter(name => {
    const file = paths.get(name)
    if (file !== undefined && isBuilt(name, file)) return false
    const source = find(finders, name)
    return source !== undefined && !consumed.has(source)
  })
  if (lost.length === 0) return undefined
  return (
    `the last build of this folder had entries that this one does not have: ${lost.join(', ')}\n` +
    'If another Vite configuration builds them, templates have lost their names. One STATIC_ROOT takes one configuration: list all entries in it.'
  )
}
