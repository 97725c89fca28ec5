/** What the list of the inspector shows. */
export interface Overview {
  readonly files: readonly FileSummary[]
  readonly staticPath: string
  /** A path with `:line:column` goes behind it. */
  readonly editorUrl: string
}

/** A name in the list. */
export interface FileSummary {
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** How many sources it hides. */
  readonly hides: number
  /** How many of its references name nothing. */
  readonly broken: number
  readonly isEntry: boolean
}

/** A place in a source. */
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
  /** In bytes. */
  readonly size: number
  readonly place: Place
  readonly location: string
  readonly hides: readonly (Place & { readonly identical: boolean })[]
  readonly references: readonly (Place & { readonly name: string })[]
  readonly referencedBy: readonly (Place & { readonly name: string })[]
  readonly templates: readonly Place[]
  readonly broken: readonly (Place & { readonly url: string })[]
  /** Sizes in bytes by suffix: `.br`. */
  readonly siblings: Readonly<Record<string, number>>
  /** Only of entries. */
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
