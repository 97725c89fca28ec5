import { isDeepStrictEqual } from 'node:util'
import { asker } from './ask.ts'
import type { Fact } from './fact.ts'
import type { BuiltSite } from './site.ts'

/** What a server does about a fact. */
export interface Measured {
  readonly passes: boolean
  /** What was found where it does not pass. */
  readonly found?: unknown
}

/** Asks a server whether a fact holds. A connection that breaks is an answer, too. */
export async function measure({ measure }: Fact, origin: string, site: BuiltSite): Promise<Measured> {
  try {
    const [found, expected] = await measure(asker(origin), site)
    return isDeepStrictEqual(found, expected) ? { passes: true } : { passes: false, found }
  } catch (error) {
    return { passes: false, found: String(error) }
  }
}
