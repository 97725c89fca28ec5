import type { EnvironmentModuleNode } from 'vite'
import { cssName, type Entry, isStylesheet } from '../../../finders/entries.ts'
import { withoutQuery } from '../../entries/entry-table.ts'
import type { DevServer } from '../dev-server.ts'
import { fsPath, modulePath } from './module-url.ts'

/**
 * Makes pages swap the links to the CSS of entries.
 * @param changed the modules of a changed file
 */
export function swapEntryLinks(changed: readonly EnvironmentModuleNode[], dev: DevServer): void {
  const affected = new Set([...withImporters(changed)].map(({ url }) => withoutQuery(url)))
  const names = dev.entries.flatMap(entry =>
    isStylesheet(entry.name) ? linkedNames(entry, affected, dev) : ownCssNames(entry, affected, dev),
  )
  if (names.length > 0) sendCss(names, dev)
}

function linkedNames({ name, builtName, source }: Entry, affected: Set<string>, dev: DevServer): string[] {
  const paths = [fsPath(source), modulePath(source, dev.server.config.root)]
  return paths.some(path => affected.has(path)) ? [...new Set([name, builtName])] : []
}

/** Returns the name of a script's CSS, which pages may link without the script. */
function ownCssNames(entry: Entry, affected: Set<string>, dev: DevServer): string[] {
  const imported = dev.stylesheets.get(entry.source) ?? []
  return imported.some(url => affected.has(withoutQuery(url))) ? [cssName(entry)!] : []
}

function withImporters(
  modules: Iterable<EnvironmentModuleNode>,
  seen: Set<EnvironmentModuleNode> = new Set(),
): Set<EnvironmentModuleNode> {
  for (const module of modules) {
    if (seen.has(module)) continue
    seen.add(module)
    withImporters(module.importers, seen)
  }
  return seen
}

/** Tells the pages which linked stylesheets have changed, by their static names. */
export function sendCss(names: readonly string[], dev: DevServer): void {
  const urls = names.map(name => urlOf(name, dev))
  dev.server.environments.client.hot.send('staticfiles:css', { urls })
}

function urlOf(name: string, { options }: DevServer): string {
  return options.staticPath + encodeURI(name)
}
