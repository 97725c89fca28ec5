import path from 'node:path'
import type { EnvironmentModuleNode } from 'vite'
import { relativePath } from '../../../base/files/paths.ts'
import { unquote } from '../../../base/python/url.ts'
import { type Inspection, locationOf, siblingSizes } from '../../../build/inspect.ts'
import { cssName, type Entry } from '../../../finders/entries.ts'
import type { TemplateReference } from '../../../references/templates/read.ts'
import { isStylesheetId } from '../../stylesheet-id.ts'
import type { DevServer } from '../dev-server.ts'
import { entryModules } from '../entries/entry-modules.ts'
import { modulePath } from '../entries/module-url.ts'
import type { FileDetail, FileSummary, ModuleRow, Overview, Place } from './shown.ts'

/** Returns the data of the list. */
export function overview(
  { files, sizes, broken }: Inspection,
  { options, entries, server }: DevServer,
): Overview {
  const brokenIn = new Map<string, number>()
  for (const { source } of broken) brokenIn.set(source, (brokenIn.get(source) ?? 0) + 1)
  const entryNames = new Set(entries.map(({ name }) => name))
  const summaries = [...files.values()].map(
    ({ name, source, shadowed }): FileSummary => ({
      name,
      size: sizes.get(name) ?? 0,
      hides: shadowed.length,
      broken: brokenIn.get(source) ?? 0,
      isEntry: entryNames.has(name),
    }),
  )
  return {
    files: summaries.sort((one, other) => (one.name < other.name ? -1 : 1)),
    staticPath: options.staticPath,
    editorUrl: `${server.config.base}__open-in-editor?file=`,
  }
}

/** Returns all about a name, or `undefined` if no finder has it. */
export async function detail(
  name: string,
  { files, sizes, references, broken }: Inspection,
  dev: DevServer,
  templates: readonly TemplateReference[],
): Promise<FileDetail | undefined> {
  const file = files.get(name)
  if (file === undefined) return undefined
  const { options } = dev
  const entry = dev.entries.find(each => each.name === name)
  const place = (source: string, { line, column } = { line: 1, column: 1 }): Place => ({
    source,
    shown: relative(source, options.root),
    line,
    column,
  })
  return {
    name,
    url: options.staticPath + encodeURI(name),
    size: sizes.get(name) ?? 0,
    place: place(file.source),
    location: relative(locationOf(file.source, options) ?? path.dirname(file.source), options.root),
    hides: file.shadowed.map(({ source, identical }) => ({ ...place(source), identical })),
    references: references
      .filter(({ from }) => from === name)
      .map(each => ({ ...place(file.source, each), name: each.to })),
    referencedBy: references
      .filter(({ to }) => to === name)
      .map(each => ({ ...place(files.get(each.from)!.source, each), name: each.from })),
    templates: templates
      .filter(each => each.name === name || (entry && [entry.builtName, cssName(entry)].includes(each.name)))
      .map(each => place(each.source, each)),
    broken: broken
      .filter(({ source }) => source === file.source)
      .map(each => ({ ...place(each.source, each), url: each.url })),
    // The siblings of an entry are those of another file, which a build makes.
    siblings: entry ? {} : await siblingSizes(file, options),
    ...(entry && { builtName: entry.builtName, modules: await moduleRows(entry, dev) }),
  }
}

function relative(file: string, root: string): string {
  const shown = relativePath(root, file)
  return shown.startsWith('../../..') ? file : shown
}

/** Returns the modules of an entry as a tree, each once, below the module that imports it first. */
async function moduleRows(entry: Entry, dev: DevServer): Promise<ModuleRow[]> {
  const { client } = dev.server.environments
  await entryModules(entry, dev)
  const rows: ModuleRow[] = []
  const seen = new Set<EnvironmentModuleNode>()
  const visit = (module: EnvironmentModuleNode, depth: number) => {
    if (seen.has(module)) return
    seen.add(module)
    const { file, id, url } = module
    rows.push({
      depth,
      shown: file ? relative(file, dev.options.root) : unquote(url),
      source: file ?? undefined,
      isStylesheet: isStylesheetId(id ?? url),
    })
    for (const imported of module.importedModules) visit(imported, depth + 1)
  }
  const module = await client.moduleGraph.getModuleByUrl(modulePath(entry.source, dev.server.config.root))
  if (module) visit(module, 0)
  return rows
}
