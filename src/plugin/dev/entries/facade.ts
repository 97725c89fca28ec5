import { cssName, type Entry } from '../../../finders/entries.ts'
import { HEAD_SCRIPTS } from '../django/head-scripts.ts'
import type { Site } from '../site.ts'
import { entryModules, stylesheetText } from './entry-modules.ts'
import { entryUrl } from './module-url.ts'
import { CLIENT } from './virtual-modules.ts'

/** An answer that the plugin makes. */
export interface Answer {
  readonly type: 'text/css' | 'text/javascript'
  readonly body: string
}

/**
 * What the name of a script answers: a module that brings in Vite's client and re-exports the entry's own, which so
 * keeps one URL whether a page asks for its name or a module imports it.
 */
export async function scriptFacade(entry: Entry, query: string, site: Site): Promise<Answer> {
  const { base } = site.server.config
  const [timestamp] = /(?<=[?&])t=\d+/u.exec(query) ?? []
  const url = JSON.stringify(
    base + entryUrl(entry, site.server.config.root).slice(1) + (timestamp ? `?${timestamp}` : ''),
  )
  const client = JSON.stringify(`${base}@id/${CLIENT}`)
  try {
    const { stylesheets, exportsDefault } = await entryModules(entry, site)
    const styles = JSON.stringify(stylesheets.map(({ id }) => id))
    const link = JSON.stringify(site.options.staticPath + cssName(entry))
    return module([
      `import ${JSON.stringify(site.options.staticPath + HEAD_SCRIPTS)}`,
      `import { adoptStyles } from ${client}`,
      `export * from ${url}`,
      ...(exportsDefault ? [`export { default } from ${url}`] : []),
      `adoptStyles(${link}, ${styles})`,
    ])
  } catch {
    // The browser asks again, and Vite shows the error; its client must be there to do that.
    return module([`import ${client}`, `await import(${url})`])
  }
}

function module(lines: readonly string[]): Answer {
  return { type: 'text/javascript', body: `${lines.join('\n')}\n` }
}

/** What an entry imports, as one stylesheet, so that the first paint is styled; `undefined` where it imports none. */
export async function entryCss(entry: Entry, site: Site): Promise<Answer | undefined> {
  const { stylesheets } = await entryModules(entry, site)
  if (stylesheets.length === 0) return undefined
  const texts = await Promise.all(stylesheets.map(module => stylesheetText(module, site)))
  return { type: 'text/css', body: texts.join('\n') }
}
