import { cssName, type Entry } from '../../../finders/entries.ts'
import type { DevServer } from '../dev-server.ts'
import { HEAD_SCRIPTS } from '../django/head-scripts.ts'
import { type EntryModules, entryModules } from './entry-modules.ts'
import { entryUrl } from './module-url.ts'
import { stylesheetText } from './stylesheet-text.ts'
import { CLIENT } from './virtual-modules.ts'

/** A response that the plugin makes from modules. */
export interface ModuleResponse {
  readonly type: 'text/css' | 'text/javascript'
  readonly body: string
}

/**
 * Returns the response to the name of a script: a module that imports Vite's client and re-exports the entry's own module.
 * So that module has one URL, whether a page requests the name or another module imports it.
 */
export async function scriptFacade(
  entry: Entry,
  timestamp: string | undefined,
  dev: DevServer,
): Promise<ModuleResponse> {
  const { base, root } = dev.server.config
  const modules = await entryModules(entry, dev)
  const url = JSON.stringify(base + entryUrl(entry, root, timestamp).slice(1))
  const link = JSON.stringify(dev.options.staticPath + encodeURI(cssName(entry)!))
  const lines = [
    `import ${JSON.stringify(dev.options.staticPath + HEAD_SCRIPTS)}`,
    `import { adoptStyles } from ${JSON.stringify(`${base}@id/${CLIENT}`)}`,
    ...(modules.errors.length === 0 ? reExports(url, modules) : laterExports(url, modules)),
    `adoptStyles(${link}, ${JSON.stringify(modules.stylesheets.map(({ id }) => id))})`,
  ]
  return { type: 'text/javascript', body: `${lines.join('\n')}\n` }
}

function reExports(url: string, { exports }: EntryModules): string[] {
  return [`export * from ${url}`, ...(exports.includes('default') ? [`export { default } from ${url}`] : [])]
}

/**
 * Returns lines that import the entry later. The browser requests the module that cannot be transformed, and Vite shows the
 * error if its client runs before that.
 */
function laterExports(url: string, { exports }: EntryModules): string[] {
  return [
    `const entry = await import(${url})`,
    ...exports.map((name, index) => {
      const quoted = JSON.stringify(name)
      return `const export${index} = entry[${quoted}]; export { export${index} as ${quoted} }`
    }),
  ]
}

/**
 * Returns the CSS that an entry imports as one stylesheet, so that the first paint is styled. It omits a stylesheet that
 * does not compile.
 * @returns `undefined` if the entry imports no CSS
 */
export async function entryCss(entry: Entry, dev: DevServer): Promise<ModuleResponse | undefined> {
  const { stylesheets, errors } = await entryModules(entry, dev)
  const texts = await Promise.allSettled(stylesheets.map(module => stylesheetText(module, dev)))
  const compiled = texts.flatMap(text => (text.status === 'fulfilled' ? text.value : []))
  const reasons = [...errors, ...texts.flatMap(text => (text.status === 'rejected' ? text.reason : []))]
  if (compiled.length === 0 && reasons.length > 0) throw reasons[0]
  for (const reason of reasons) dev.warnOnce(describeIncomplete(entry, reason))
  return compiled.length === 0 ? undefined : { type: 'text/css', body: compiled.join('\n') }
}

function describeIncomplete(entry: Entry, reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason)
  return `${cssName(entry)} may lack CSS, because a module of ${entry.name} cannot be transformed: ${message}`
}
