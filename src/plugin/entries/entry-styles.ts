import { StaticFilesError } from '../../base/errors.ts'
import { relativePath } from '../../base/files/paths.ts'
import { cssName, type Entry, isStylesheet } from '../../finders/entries.ts'
import type { OutputBundle } from '../output-bundle.ts'
import { checkClashes } from './check-entries.ts'
import { ChunkGraph, type ChunkNode } from './chunk-graph.ts'
import { sheetsLoadedLater } from './css-kept.ts'
import { type EntrySheet, type Layout, layOut } from './css-layout.ts'
import { addMark, cutSheet, leadingImports, markOf } from './css-marks.ts'
import { type ModuleInfos, reachable, runOrder } from './css-order.ts'
import { type EntryTable, tableOf } from './entry-table.ts'
import { mergeOrders } from './merge-orders.ts'
import { apply, markedSheets, removeWrappers } from './output-sheets.ts'
import type { ModulesContext, StylesContext, StylesSetup } from './styles-context.ts'

/** The ids of modules that Vite compiles as CSS. */
export const CSS_MODULE: RegExp = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)/u
/** Such CSS comes into a script, or is an asset of its own. */
const ELSEWHERE =
  /[?&](?:inline|raw|url|worker|sharedworker|transform-only|html-proxy|commonjs-proxy|direct)\b/u

/**
 * Arranges the CSS of entries. Vite decides for itself into which files CSS comes: what entries share has a file that no
 * template can name, and a stylesheet that is an entry is taken out of the scripts that import it.
 */
export class EntryStyles {
  /** The marks of modules, by module id. */
  readonly #marks = new Map<string, string>()
  /** The `@import` rules of modules, by mark. */
  readonly #imports = new Map<string, string>()
  #graph = new ChunkGraph({})
  /** The file of each entry's CSS, by the name in the manifest. */
  files: ReadonlyMap<string, string> = new Map()

  /** Returns the CSS of a module with its mark; `undefined` if it does not come into a stylesheet. */
  mark(css: string, id: string, root: string): string | undefined {
    if (!CSS_MODULE.test(id) || ELSEWHERE.test(id)) return undefined
    const mark = markOf(relativePath(root, id))
    this.#marks.set(id, mark)
    this.#imports.set(mark, leadingImports(css.replace(/^\s*@charset [^;]*;|\/\*.*?\*\//gsu, '')).trim())
    return addMark(css, mark)
  }

  /** Whether a module's CSS has a mark. */
  isMarked(id: string): boolean {
    return this.#marks.has(id)
  }

  /** Remembers the chunks, as long as all are there. */
  take(output: OutputBundle): void {
    this.#graph = new ChunkGraph(output)
  }

  /** Forgets what an earlier build was like. */
  start(): void {
    this.#signature = undefined
    this.files = new Map()
  }

  #signature: string | undefined

  /** Returns what the stylesheets of entries depend on besides CSS, for the hashes of chunks that load CSS later. */
  signature(context: ModulesContext, entries: readonly Entry[]): string {
    const modules = () => [...entryModules(context, tableOf(entries))]
    this.#signature ??= JSON.stringify(
      modules().map(([{ name }, id]) => [name, ...this.#orderOf(id, context)]),
    )
    return this.#signature
  }

  /** Gives each entry its stylesheet. */
  arrange(context: StylesContext, output: OutputBundle, setup: StylesSetup): void {
    const sheets = markedSheets(output)
    const table = tableOf(setup.entries)
    const wanted = this.#wanted(context, sheets, table, setup)
    checkClashes(wanted)
    const kept = this.#kept(sheets, table, wanted)
    const input = { sheets, kept, hash: setup.hash, imports: (mark: string) => this.#imports.get(mark) ?? '' }
    const layout = layOut({ ...input, wanted: [...new Set(wanted.values())] })
    apply(layout, output, context)
    removeWrappers(output)
    this.#tellVite(layout, { kept, table, wanted, sheets })
    this.files = new Map(
      [...wanted].flatMap(([entry, { name }]) =>
        keysOf(entry, table).map(key => [key, layout.files.get(name)!]),
      ),
    )
  }

  /** Returns the marks of the CSS that a module imports statically, in the order of `vite dev`. */
  #orderOf(id: string, context: ModulesContext): string[] {
    return this.#marksOf(runOrder(id, each => context.getModuleInfo(each)))
  }

  #marksOf(ids: readonly string[]): string[] {
    return [...new Set(ids.flatMap(id => this.#marks.get(id) ?? []))]
  }

  #wanted(
    context: StylesContext,
    sheets: ReadonlyMap<string, string>,
    table: EntryTable,
    setup: StylesSetup,
  ): Map<Entry, EntrySheet> {
    const made = new Set([...sheets.values()].flatMap(text => cutSheet(text).pieces.map(piece => piece.mark)))
    const wanted = new Map<Entry, EntrySheet>()
    for (const [entry, id] of entryModules(context, table)) {
      const marks = [...this.#orderOf(id, context), ...this.#mergedIn(entry, id, context, table)]
      this.#checkComplete(entry, id, made, context)
      const there = [...new Set(marks)].filter(mark => made.has(mark))
      if (there.length > 0) wanted.set(entry, { name: table.sheetName(entry), marks: there })
    }
    return setup.cssCodeSplit ? wanted : this.#inOne(wanted, sheets, setup)
  }

  /**
   * Returns the CSS of modules that are imported dynamically from within their own chunk, as with
   * `inlineDynamicImports`: nothing loads it when they run.
   */
  #mergedIn(entry: Entry, id: string, context: StylesContext, table: EntryTable): string[] {
    const chunk = this.#chunkOf(entry, table)
    const loaded = chunk === undefined ? [] : [...this.#graph.loadedBy(chunk.fileName)]
    const infos: ModuleInfos = each => context.getModuleInfo(each)
    const reached = reachable(id, infos)
    const later = loaded.flatMap(({ moduleIds }) => {
      const own = new Set(moduleIds)
      const importers = moduleIds.filter(each => reached.has(each))
      return importers
        .flatMap(each => infos(each)?.dynamicallyImportedIds ?? [])
        .filter(each => own.has(each))
    })
    const modules = new Set(loaded.flatMap(({ moduleIds }) => moduleIds))
    const order = later.flatMap(each => runOrder(each, infos))
    return this.#marksOf(order.filter(each => modules.has(each)))
  }

  #chunkOf(entry: Entry, table: EntryTable): ChunkNode | undefined {
    return [...this.#graph.chunks.values()].find(
      ({ facadeModuleId }) => table.ofModule(facadeModuleId) === entry,
    )
  }

  /** What a bundler drops, because nothing uses it, is not missing. */
  #checkComplete(entry: Entry, id: string, made: ReadonlySet<string>, context: StylesContext): void {
    const bundled = new Set([...this.#graph.chunks.values()].flatMap(({ moduleIds }) => moduleIds))
    for (const each of runOrder(id, module => context.getModuleInfo(module))) {
      const mark = this.#marks.get(each)
      if (mark === undefined || made.has(mark) || !bundled.has(each)) continue
      const meta = context.getModuleInfo(each)?.meta as { vite?: { cssScopeTo?: unknown } } | undefined
      if (meta?.vite?.cssScopeTo) continue
      throw new StaticFilesError(
        `the CSS of ${entry.name} cannot be told apart: ${each} is not found in what Vite made\n` +
          'A plugin that changes stylesheets after Vite may have removed the rules `staticfiles-k…`, or the file ends within a block or comment.',
      )
    }
  }

  /** Without `build.cssCodeSplit` all scripts have one stylesheet. */
  #inOne(
    wanted: ReadonlyMap<Entry, EntrySheet>,
    sheets: ReadonlyMap<string, string>,
    { onlySheet }: StylesSetup,
  ): Map<Entry, EntrySheet> {
    const scripts = [...wanted].filter(([entry]) => !isStylesheet(entry.name))
    const alone = new Set(
      [...wanted].filter(([entry]) => isStylesheet(entry.name)).flatMap(([, sheet]) => sheet.marks),
    )
    const all = [...sheets.values()].flatMap(text => cutSheet(text).pieces.map(({ mark }) => mark))
    const orders = scripts.map(([entry, { marks }]) => ({ entry, marks }))
    const merged = new Set(mergeOrders(orders, mark => this.#idOf(mark)))
    const rest = all.filter(mark => !alone.has(mark) && !merged.has(mark))
    const one = { name: onlySheet, marks: [...merged, ...rest] }
    return new Map([...wanted].map(([entry, sheet]) => [entry, isStylesheet(entry.name) ? sheet : one]))
  }

  #idOf(mark: string): string {
    return [...this.#marks].find(([, each]) => each === mark)?.[0] ?? mark
  }

  #kept(
    sheets: ReadonlyMap<string, string>,
    table: EntryTable,
    wanted: ReadonlyMap<Entry, EntrySheet>,
  ): Set<string> {
    const marks = new Map(
      [...sheets].map(([file, text]) => [file, cutSheet(text).pieces.map(({ mark }) => mark)]),
    )
    const roots = [...this.#graph.chunks.values()]
      .filter(({ isEntry }) => isEntry)
      .map(chunk => {
        const entry = table.ofModule(chunk.facadeModuleId)
        return { chunk, marks: entry && new Set(wanted.get(entry)?.marks) }
      })
    const kept = sheetsLoadedLater(this.#graph, roots, sheet => marks.get(sheet) ?? [])
    // The chunk of an entry brings the entry's stylesheet along.
    for (const { chunk, marks: own } of roots) {
      if (own === undefined) continue
      for (const file of chunk.css) if (marks.get(file)?.every(mark => own.has(mark))) kept.delete(file)
    }
    return kept
  }

  /** Vite reads from its chunks which CSS comes with them: for `import()`, and for its manifest. */
  #tellVite(
    { files, gone }: Layout,
    parts: {
      kept: ReadonlySet<string>
      table: EntryTable
      wanted: ReadonlyMap<Entry, EntrySheet>
      sheets: ReadonlyMap<string, string>
    },
  ): void {
    for (const { importedCss, facadeModuleId } of this.#graph.chunks.values()) {
      if (importedCss === undefined) continue
      const entry = parts.table.ofModule(facadeModuleId)
      const own = entry && parts.wanted.get(entry)
      const loaded = [...importedCss].filter(file => parts.kept.has(file) || !parts.sheets.has(file))
      importedCss.clear()
      for (const file of loaded) importedCss.add(gone.get(file) ?? file)
      if (own) importedCss.add(files.get(own.name)!)
    }
  }
}

/** Returns the module of each entry that has one; Rolldown lists modules in another order each time. */
function entryModules(context: ModulesContext, table: EntryTable): Map<Entry, string> {
  const modules = new Map<Entry, string>()
  for (const id of [...context.getModuleIds()].sort()) {
    const entry = context.getModuleInfo(id)?.isEntry ? table.ofModule(id) : undefined
    if (entry && !modules.has(entry)) modules.set(entry, id)
  }
  return new Map(table.inputs.flatMap(entry => (modules.has(entry) ? [[entry, modules.get(entry)!]] : [])))
}

/** Returns the keys of the manifest that lead to the stylesheet of an entry. */
function keysOf(entry: Entry, table: EntryTable): string[] {
  return table.namesakes(entry).flatMap(each => {
    const css = cssName(each)
    return css === undefined ? [each.name, each.builtName] : [css]
  })
}
