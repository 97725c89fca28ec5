/** Replaces the characters that mean something else in file name patterns (placeholders in brackets), or in URLs. */
export function withoutPlaceholders(name: string): string {
  return name.replace(/[[\]#?%]/gu, '_')
}

/** Returns a name that is unique for the thing that a key stands for. */
export type UniqueNames = (
  stem: string,
  extension: string,
  key: string,
  isTaken?: (name: string) => boolean,
) => string

/** Numbers equal names of different things, in the order in which the bundler asks. */
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
