/** What is known of the static root and of what it was made from: plain JSON. */
export interface Report {
  /** ISO 8601, in UTC. */
  readonly createdAt: string
  /** As people read it. */
  readonly staticRoot: string
  readonly files: readonly ReportedFile[]
  /** Files of the same bytes, those that waste most first. */
  readonly duplicates: readonly Duplicate[]
  readonly shadowed: readonly ShadowedFile[]
  readonly broken: readonly ReportedPlace[]
  /** Names in templates that nothing has. */
  readonly templates: readonly ReportedPlace[]
  /** Those that save most first. */
  readonly savings: readonly Saving[]
  /** Since the build before; `undefined` where none is known. */
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
  /** In bytes; a sibling that is not there is as large as the file. */
  readonly raw: number
  readonly gzip: number
  readonly brotli: number
}

/** Files of the same bytes. */
export interface Duplicate {
  readonly names: readonly string[]
  /** In bytes, of each. */
  readonly size: number
}

/** A name with several sources. */
export interface ShadowedFile {
  readonly name: string
  readonly source: string
  readonly hides: readonly { readonly source: string; readonly identical: boolean }[]
}

/** A place where something names what is not there. */
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

/** What differs from the build before. */
export interface Changes {
  /** When that build was done: ISO 8601, in UTC. */
  readonly since: string
  readonly added: readonly Change[]
  readonly removed: readonly Change[]
  readonly changed: readonly Change[]
}

/** Sizes in bytes; 0 where there is or was no such file. */
export interface Change {
  readonly name: string
  readonly before: number
  readonly after: number
}
