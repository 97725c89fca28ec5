import { createHash } from 'node:crypto'
import path from 'node:path'
import { withoutSymlinks } from '../../base/files/stat.ts'
import { splitExtension } from '../../base/names.ts'
import { type Entry, isStylesheet } from '../../finders/entries.ts'
import { uniqueNames, withoutPlaceholders } from './unique-names.ts'

/** Starts the id of a module that imports a stylesheet entry, for when Vite refuses stylesheets as inputs. */
export const STYLESHEET_MODULE = 'virtual:staticfiles/stylesheet/'

/** Finds entries by the bundler's names for them. Sources are compared by their real paths, as bundlers follow symlinks. */
export class EntryTable {
  readonly #bySource = new Map<string, Entry>()
  readonly #byInput = new Map<string, Entry>()
  readonly #stems: ReadonlyMap<Entry, string>
  readonly #sheets: ReadonlyMap<Entry, string>

  constructor(readonly entries: readonly Entry[]) {
    for (const entry of entries) {
      const source = withoutSymlinks(entry.source)
      // Of several names of one file the first is the name of what is built.
      if (!this.#bySource.has(source)) this.#bySource.set(source, entry)
      this.#byInput.set(inputName(entry), entry)
    }
    const { inputs } = this
    const sheets = inputs.filter(({ name }) => isStylesheet(name))
    const scripts = inputs.filter(({ name }) => !isStylesheet(name))
    this.#stems = stemsOf(scripts, '.js')
    this.#sheets = stemsOf([...sheets, ...scripts], '.css')
  }

  /** Returns the entries that the bundler builds: each source once. */
  get inputs(): Entry[] {
    return [...this.#bySource.values()]
  }

  /** Returns the entry that a module is the source of, by the module's id. */
  ofModule(id: string | null | undefined): Entry | undefined {
    if (!id) return undefined
    const [, input] = id.split(STYLESHEET_MODULE)
    if (input !== undefined) return this.#byInput.get(input)
    if (!path.isAbsolute(id)) return undefined
    return this.#bySource.get(id) ?? this.ofSource(withoutQuery(id))
  }

  /** Returns the entry that is built of a file, however its path is written. */
  ofSource(file: string): Entry | undefined {
    return this.#bySource.get(withoutSymlinks(file))
  }

  /** Returns the entry that the bundler got under the name of an input. */
  ofInput(name: string): Entry | undefined {
    return this.#byInput.get(name)
  }

  /** Returns the name of the script that is built of an entry, without a hash and as a bundler can write it. */
  scriptName(entry: Entry): string | undefined {
    return this.#stems.get(entry)
  }

  /** Returns the same of an entry's stylesheet. */
  sheetName(entry: Entry): string {
    return this.#sheets.get(entry)!
  }

  /** Returns every entry whose source is the same file as the source of `entry`. */
  namesakes(entry: Entry): Entry[] {
    return this.entries.filter(other => this.ofSource(other.source) === entry)
  }
}

/** Names that need no change come first, so that each keeps its own: `p/_id_.ts` beside `p/[id].ts`. */
function stemsOf(entries: readonly Entry[], extension: string): Map<Entry, string> {
  const names = new Map<Entry, string>()
  const unique = uniqueNames()
  const isPlain = ({ builtName }: Entry) => withoutPlaceholders(builtName) === builtName
  for (const entry of [...entries.filter(isPlain), ...entries.filter(each => !isPlain(each))])
    names.set(entry, unique(splitExtension(entry.builtName).stem, extension, entry.source) + extension)
  return names
}

const tables = new WeakMap<readonly Entry[], EntryTable>()

/** Returns the table of a list of entries; it is made once. */
export function tableOf(entries: readonly Entry[]): EntryTable {
  const table = tables.get(entries) ?? new EntryTable(entries)
  tables.set(entries, table)
  return table
}

/**
 * Returns the name of an entry among the bundler's inputs. It says nothing that is read back: it only has to be an
 * entry's own, because Vite 6 and 7 ask for the folder of a stylesheet by this name alone.
 */
export function inputName({ name }: Entry): string {
  const stem = path.posix.basename(splitExtension(name).stem).replace(/\W+/gu, '-')
  return `${stem}-${createHash('md5').update(name).digest('hex').slice(0, 8)}`
}

/** Returns what the bundler is to load for an entry. */
export function inputModule(entry: Entry, cssCodeSplit: boolean): string {
  return !cssCodeSplit && isStylesheet(entry.name) ? STYLESHEET_MODULE + inputName(entry) : entry.source
}

/** `/src/App.vue?vue&type=style` → `/src/App.vue` */
export function withoutQuery(id: string): string {
  return id.replace(/[?#].*$/u, '')
}
