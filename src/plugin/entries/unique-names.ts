/** What brackets enclose in a file name pattern is a placeholder; the others end a URL's path, or are decoded in it. */
export function withoutPlaceholders(name: string): string {
  return name.replace(/[[\]#?%]/gu, '_')
}

/** Numbers names that come twice for different things, in the order in which the bundler asks. */
export function uniqueNames(): (stem: string, extension: string, key: string) => string {
  const keys = new Map<string, string>()
  return (stem, extension, key) => {
    for (let number = 1; ; number++) {
      const name = withoutPlaceholders(number === 1 ? stem : `${stem}-${number}`)
      const owner = keys.get(name + extension)
      if (owner !== undefined && owner !== key) continue
      keys.set(name + extension, key)
      return name
    }
  }
}
