/** What brackets enclose in a file name pattern is a placeholder; the others end a URL's path, or are decoded in it. */
export function withoutPlaceholders(name: string): string {
  return name.replace(/[[\]#?%]/gu, '_')
}

/** Gives each thing, which a key stands for, a name of its own. */
export type UniqueNames = (
  stem: string,
  extension: string,
  key: string,
  isTaken?: (name: string) => boolean,
) => string

/** Numbers names that come twice for different things, in the order in which the bundler asks. */
export function uniqueNames(): UniqueNames {
  const keys = new Map<string, string>()
  return (stem, extension, key, isTaken = () => false) => {
    for (let number = 1; ; number++) {
      const name = withoutPlaceholders(number === 1 ? stem : `${stem}-${number}`)
      const owner = keys.get(name + extension)
      if (owner === undefined ? isTaken(name + extension) : owner !== key) continue
      keys.set(name + extension, key)
      return name
    }
  }
}
