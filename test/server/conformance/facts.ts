import { CONDITIONS } from './conditions.ts'
import { ENCODINGS } from './encodings.ts'
import type { FactGroup } from './fact.ts'
import { FILES, METHODS } from './files.ts'
import { CACHING, TYPES } from './headers.ts'
import { OUTSIDE } from './outside.ts'
import { RANGES } from './ranges.ts'

/**
 * What a server of static files does, after the RFCs, and after what the tests of WhiteNoise and sirv expect of those. Index files
 * and files at `/` are options that no other server has in common.
 */
export const FACTS: readonly FactGroup[] = [
  FILES,
  METHODS,
  CONDITIONS,
  RANGES,
  ENCODINGS,
  CACHING,
  TYPES,
  OUTSIDE,
]
