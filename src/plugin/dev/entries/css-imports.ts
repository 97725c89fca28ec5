import { readFileSync } from 'node:fs'
import { isStylesheet } from '../../../finders/entries.ts'
import { find } from '../../../finders/finders.ts'
import type { ResolvedOptions } from '../../../options/resolve.ts'
import { cssReferences, hasCssReferences } from '../../../references/css.ts'
import { resolveReference } from '../../../references/resolve.ts'

/** Returns the names of the collected stylesheets that a stylesheet imports, directly or through others. */
export function importedStylesheets(name: string, options: ResolvedOptions): Set<string> {
  const seen = new Set<string>()
  const visit = (from: string) => {
    for (const imported of importsOf(from, options)) {
      if (seen.has(imported)) continue
      seen.add(imported)
      visit(imported)
    }
  }
  if (name.endsWith('.css')) visit(name)
  return seen
}

function importsOf(name: string, { finders, staticPath }: ResolvedOptions): string[] {
  const text = textOf(find(finders, name))
  if (!hasCssReferences(text)) return []
  const names = cssReferences(text).map(reference => resolveReference(reference, name, staticPath)?.name)
  return names.filter(each => each !== undefined && isStylesheet(each)) as string[]
}

function textOf(source: string | undefined): string {
  try {
    return source === undefined ? '' : readFileSync(source, 'utf8')
  } catch {
    // The file has just been removed, and an event about that follows.
    return ''
  }
}
