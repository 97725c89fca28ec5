import { BUILT_SCRIPTS, BUILT_STYLESHEETS, needsBundler } from '../entries.ts'
import { type Finder, find } from '../finders.ts'
import { splitExtension } from '../names.ts'
import type { TemplateReference } from './read.ts'

const SOURCES: Record<string, readonly string[]> = { '.js': BUILT_SCRIPTS, '.css': BUILT_STYLESHEETS }

/**
 * The entries that templates ask for: sources that need a bundler, under their own name or that of what is built of
 * them (`polls/app.js` where there is only `polls/app.ts`).
 */
export function entriesOf(references: readonly TemplateReference[], finders: readonly Finder[]): string[] {
  const names = new Set(references.map(({ name }) => name))
  return [...new Set([...names].flatMap(name => entryOf(name, finders) ?? []))]
}

function entryOf(name: string, finders: readonly Finder[]): string | undefined {
  if (find(finders, name) !== undefined) return needsBundler(name) ? name : undefined
  const { stem, extension } = splitExtension(name)
  const sources = SOURCES[extension] ?? []
  return sources.map(each => stem + each).find(each => find(finders, each) !== undefined)
}
