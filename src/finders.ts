/** Finds static names, and lists all it has (Django's `BaseFinder`). */
export interface Finder {
  /** The source of `name`, or `undefined` where this finder has none; all of them with `all`. */
  find(name: string): string | undefined
}
