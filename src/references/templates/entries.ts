import { isPlainPath, splitExtension } from '../../base/names.ts'
import { BUILT_SCRIPTS, BUILT_STYLESHEETS, isStylesheet, needsBundler } from '../../finders/entries.ts'
import { type Finder, find } from '../../finders/finders.ts'
import type { TemplateReference } from './read.ts'

const SOURCE_EXTENSIONS: Record<string, readonly string[]> = {
  '.js': BUILT_SCRIPTS,
  '.css': BUILT_STYLESHEETS,
}

/**
 * Returns the entries that templates name: sources that need a bundler, by their own name or by their built name
 * (`polls/app.js` if there is only `polls/app.ts`).
 */
export function entriesOf(references: readonly TemplateReference[], finders: readonly Finder[]): string[] {
  const names = [...new Set(references.map(({ name }) => name))].filter(isPlainPath)
  const entryByName = new Map(names.map(name => [name, entryOf(name, finders)]))
  // `polls/app.css` beside `polls/app.ts` is the CSS that the script imports, even if there is a `polls/app.scss`.
  const scripts = [...entryByName.values()].filter(entry => entry !== undefined && !isStylesheet(entry))
  const ownCss = new Set(scripts.map(script => `${splitExtension(script!).stem}.css`))
  const entries = names.filter(name => !ownCss.has(name))
  return [...new Set(entries.flatMap(name => entryByName.get(name) ?? []))]
}

/** Returns the entry that a name stands for; if several could be meant, none is. */
function entryOf(name: string, finders: readonly Finder[]): string | undefined {
  if (find(finders, name) !== undefined) return needsBundler(name) ? name : undefined
  const { stem, extension } = splitExtension(name)
  const candidates = (SOURCE_EXTENSIONS[extension] ?? []).map(each => stem + each)
  const found = candidates.filter(each => find(finders, each) !== undefined)
  return found.length === 1 ? found[0] : undefined
}
