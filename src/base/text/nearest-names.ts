import { distance } from 'fastest-levenshtein'
import { basename } from '../names.ts'

/** Returns up to three names that someone who wrote `name` may have meant, best first. */
export function nearestNames(name: string, names: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3))
  const ranked: { candidate: string; edits: number }[] = []
  for (const candidate of names) {
    // A forgotten or wrong folder takes many edits, but is the likeliest mistake.
    const edits = basename(candidate) === basename(name) ? 0 : editsWithin(limit, name, candidate)
    if (edits <= limit) ranked.push({ candidate, edits })
  }
  ranked.sort((a, b) => a.edits - b.edits)
  return ranked.slice(0, 3).map(({ candidate }) => candidate)
}

/** Returns the end of a sentence about a name that does not exist; '' if no name is like it. */
export function didYouMean(nearest: readonly string[]): string {
  return nearest.length === 0 ? '' : `; did you mean ${nearest.join(' or ')}?`
}

/** Returns the edit distance, or infinity if the lengths alone differ by more than the limit. */
function editsWithin(limit: number, a: string, b: string): number {
  return Math.abs(a.length - b.length) > limit ? Number.POSITIVE_INFINITY : distance(a, b)
}
