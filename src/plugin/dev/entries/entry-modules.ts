import type { EnvironmentModuleNode } from 'vite'
import type { Entry } from '../../../finders/entries.ts'
import { isStylesheetId } from '../../stylesheet-id.ts'
import type { DevServer } from '../dev-server.ts'
import { modulePath } from './module-url.ts'
import { inOrder, isOutdated, walkModules } from './module-walk.ts'

/** What loads together with an entry before its first line runs. */
export interface EntryModules {
  /** The stylesheets that its modules import, in the order in which they are added to the page. */
  readonly stylesheets: readonly EnvironmentModuleNode[]
  /** The names that the entry's own module exports, without those of `export *`. */
  readonly exports: readonly string[]
  /** The errors of modules that cannot be transformed. */
  readonly errors: readonly unknown[]
}

/** Finds out what an entry adds to a page. */
export async function entryModules(entry: Entry, dev: DevServer): Promise<EntryModules> {
  const start = modulePath(entry.source, dev.server.config.root)
  const first = await walkModules(start, dev)
  const walked = isOutdated(first) ? await walkModules(start, dev) : first
  const modules = inOrder(start, walked)
  const nodes = modules.flatMap(({ node }) => (node !== undefined && isInjected(node) ? node : []))
  const stylesheets = [...new Set(nodes)]
  dev.stylesheets.set(
    entry.source,
    stylesheets.map(({ url }) => url),
  )
  return {
    stylesheets,
    exports: walked.get(start)?.exports ?? [],
    errors: modules.flatMap(({ error }) => error ?? []),
  }
}

/** Whether a module adds a `<style>` to the page, unlike `?inline`, `?url` and `?raw`, which return text. */
function isInjected({ url, id }: EnvironmentModuleNode): boolean {
  return isStylesheetId(id ?? url) && !/[?&](?:inline|url|raw)\b/u.test(url)
}
