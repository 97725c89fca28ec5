import { collect } from '../../../finders/collect.ts'
import type { DevServer } from '../dev-server.ts'

/** All names that the finders have, for hints: where they cannot be listed, there are none. */
export async function collectedNames({ options }: DevServer): Promise<string[]> {
  const { finders, ignore } = options
  try {
    return [...(await collect(finders, { ignore, warn: () => {} })).keys()]
  } catch {
    return []
  }
}
