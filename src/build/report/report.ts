/** What a build has put into the static root, and from which sources: plain JSON. */
export interface Report {
  /** ISO 8601, in UTC. */
  readonly createdAt: string
  /** The path as it is shown. */
  readonly staticRoot: string
  readonly files: readonly ReportedFile[]
  /** Files with the same bytes; those that waste most come first. */
  readonly duplicates: readonly Duplicate[]
  readonly shadowed: readonly ShadowedFile[]
  readonly broken: readonly ReportedPlace[]
  /** Names in templates that no file has. */
  readonly templates: readonly ReportedPlace[]
  /** The largest savings come first. */
  readonly savings: readonly Saving[]
  /** The changes since the previous build, or `undefined` if there was none. */
  readonly changes: Changes | undefined
}

/** A name of the manifest. */
export interface ReportedFile {
  readonly name: string
  readonly hashedName: string
  /** The location that it comes from, or 'bundled'. */
  readonly location: string
  /** 'Stylesheets', 'Scripts', 'Images' … */
  readonly type: string
  /** In bytes; a missing sibling counts as large as the file. */
  readonly raw: number
  readonly gzip: number
  readonly brotli: number
}

/** Files with the same bytes. */
export interface Duplicate {
  readonly names: readonly string[]
  /** The size of each in bytes. */
  readonly size: number
}

/** A name with several sources. */
export interface ShadowedFile {
  readonly name: string
  readonly source: string
  readonly hides: readonly { readonly source: string; readonly identical: boolean }[]
}

/** A place that names a missing file. */
export interface ReportedPlace {
  readonly source: string
  readonly line: number
  readonly column: number
  readonly url: string
  /** The nearest names. */
  readonly nearest: readonly string[]
}

/** Bytes that could be saved. */
export interface Saving {
  readonly name: string
  readonly bytes: number
  readonly advice: string
}

/** What differs from the previous build. */
export interface Changes {
  /** When the previous build ended: ISO 8601, in UTC. */
  readonly since: string
  readonly added: readonly Change[]
  readonly removed: readonly Change[]
  readonly changed: readonly Change[]
}

/** Sizes in bytes; 0 if the file does or did not exist. */
export interface Change {
  readonly name: string
  readonly before: number
  readonly after: number
}
