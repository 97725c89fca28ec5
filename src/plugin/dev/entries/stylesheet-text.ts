import { readFile } from 'node:fs/promises'
import type { EnvironmentModuleNode } from 'vite'
import { withoutQuery } from '../../entries/entry-table.ts'
import type { DevServer } from '../dev-server.ts'

/** The texts of stylesheets, by Vite's results for their modules. A new result means a new text. */
const texts = new WeakMap<object, Promise<string>>()

/**
 * Returns the text of a stylesheet as a `<link>` would get it, without adding it to Vite's module graph: a `?direct` node
 * that no page has loaded would make Vite reload pages for a stylesheet that a module accepts.
 */
export function stylesheetText(module: EnvironmentModuleNode, dev: DevServer): Promise<string> {
  const { transformResult } = module
  const cached = transformResult && texts.get(transformResult)
  if (cached) return cached
  const text = compile(module.id ?? module.url, dev)
  if (transformResult) texts.set(transformResult, text)
  return text
}

async function compile(id: string, { server }: DevServer): Promise<string> {
  const { pluginContainer } = server.environments.client
  const direct = directId(id)
  const loaded = await pluginContainer.load(direct)
  const text = typeof loaded === 'string' ? loaded : loaded?.code
  const { code } = await pluginContainer.transform(text ?? (await readFile(withoutQuery(id), 'utf8')), direct)
  return code
}

/** Adds `direct` to an id, at the start of its query: `lang.css` at the end of a component's id says that it is CSS. */
function directId(id: string): string {
  const file = withoutQuery(id)
  const query = id.slice(file.length + 1)
  return `${file}?direct${query === '' ? '' : `&${query}`}`
}
