import { collect } from '../../../finders/collect.ts'
import type { DevServer } from '../dev-server.ts'

/** Returns all names that the finders have, for hints. It returns none if they cannot be listed. */
export async function collectedNames({ options }: DevServer): Promise<string[]> {
  const { finders, ignore } = options
  try {
    return [...(await collect(finders, { ignore, warn: () => {} })).keys()]
  } catch {
    return []
  }
}
