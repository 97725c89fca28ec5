import type { EnvironmentModuleNode } from 'vite'
import type { Entry } from '../../../finders/entries.ts'
import { isStylesheetId } from '../../stylesheet-id.ts'
import type { DevServer } from '../dev-server.ts'
import { modulePath } from './module-url.ts'
import { inOrder, walkModules } from './module-walk.ts'

/** What loads with an entry before its first line runs. */
export interface EntryModules {
  /** The stylesheets that its modules import, in the order in which they come into the page. */
  readonly stylesheets: readonly EnvironmentModuleNode[]
  /** What the entry's own module exports by name; not what it passes on by `export *`. */
  readonly exports: readonly string[]
  /** Why modules cannot be transformed; the others are known nevertheless. */
  readonly errors: readonly unknown[]
}

/** Finds out what an entry brings into a page. */
export async function entryModules(entry: Entry, dev: DevServer): Promise<EntryModules> {
  const start = modulePath(entry.source, dev.server.config.root)
  const walked = await walkModules(start, dev)
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

/** Whether the module puts a `<style>` into the page; `?inline`, `?url` and `?raw` give text. */
function isInjected({ url, id }: EnvironmentModuleNode): boolean {
  return isStylesheetId(id ?? url) && !/[?&](?:inline|url|raw)\b/u.test(url)
}
