/** The data of the inspector's list. */
export interface Overview {
  readonly files: readonly FileSummary[]
  readonly staticPath: string
  /** The URL that opens an editor, to which a path with `:line:column` is appended. */
  readonly editorUrl: string
}

/** A name in the list. */
export interface FileSummary {
  readonly name: string
  /** The size of the file, in bytes. */
  readonly size: number
  /** The number of sources that it hides. */
  readonly hides: number
  /** The number of its references that are broken. */
  readonly broken: number
  readonly isEntry: boolean
}

/** A position in a source. */
export interface Place {
  /** The absolute path. */
  readonly source: string
  /** The path as the page shows it. */
  readonly shown: string
  readonly line: number
  readonly column: number
}

/** All about a name. */
export interface FileDetail {
  readonly name: string
  readonly url: string
  /** The size of the file, in bytes. */
  readonly size: number
  readonly place: Place
  readonly location: string
  readonly hides: readonly (Place & { readonly identical: boolean })[]
  readonly references: readonly (Place & { readonly name: string })[]
  readonly referencedBy: readonly (Place & { readonly name: string })[]
  readonly templates: readonly Place[]
  readonly broken: readonly (Place & { readonly url: string })[]
  /** The sizes of its siblings in bytes, by suffix: `.br`. */
  readonly siblings: Readonly<Record<string, number>>
  /** The built name, if the file is an entry. */
  readonly builtName?: string
  readonly modules?: readonly ModuleRow[]
}

/** A module of an entry's graph. */
export interface ModuleRow {
  readonly depth: number
  readonly shown: string
  readonly source: string | undefined
  readonly isStylesheet: boolean
}
