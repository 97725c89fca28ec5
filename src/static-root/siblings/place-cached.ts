import { SUFFIXES } from '../../base/encodings.ts'
import { share } from '../../base/threads.ts'
import type { Compression } from '../../options/compression.ts'
import { type Content, failureOf, type Placed, type Places, placeSiblings } from './place.ts'
import { SiblingCache } from './sibling-cache.ts'

/** Where known siblings are. */
export interface KnownSiblings {
  /** The cache's; an absolute path. */
  readonly folder: string
  readonly compression: Compression
  readonly fileMode: number
}

/** A content with all that its siblings can meet: data that can go from one thread to another. */
export interface PlaceJob extends Omit<Content, 'source'> {
  readonly own: readonly string[]
  readonly existing: readonly string[]
}

/**
 * Places the siblings that the cache has, in several threads.
 * @returns what was done for each content; `undefined` where its siblings are not known
 */
export async function placeKnown(
  contents: readonly Content[],
  places: Places,
  known: KnownSiblings,
): Promise<(Placed | undefined)[]> {
  const jobOf = (content: Content) => toJob(content, places)
  return share<Content, Placed | undefined>({
    ...{ job: 'place', items: contents, options: known, send: jobOf },
    here: content => placeFromCache(jobOf(content), known),
  })
}

function toJob({ contentHash, size, compressible, skipped }: Content, places: Places): PlaceJob {
  const targets = places.maybeStale || places.ownFiles.size > 0 ? [...compressible, ...skipped] : []
  const siblings = targets.flatMap(target => Object.values(SUFFIXES).map(suffix => target + suffix))
  return {
    ...{ contentHash, size, compressible, skipped },
    own: siblings.filter(file => places.ownFiles.has(file)),
    existing: siblings.filter(places.mayExist),
  }
}

/** Does a job, in whatever thread. */
export function placeFromCache(
  { own, existing, ...content }: PlaceJob,
  known: KnownSiblings,
): Placed | undefined {
  const siblings = content.size === 0 ? [] : cacheOf(known).get(content.contentHash)
  if (siblings === undefined) return undefined
  try {
    return placeSiblings(content, siblings, {
      ...{ ownFiles: new Set(own), maybeStale: existing.length > 0 },
      ...{ mayExist: file => existing.includes(file), fileMode: known.fileMode },
    })
  } catch (error) {
    throw failureOf(content, error)
  }
}

const caches = new WeakMap<KnownSiblings, SiblingCache>()

function cacheOf(known: KnownSiblings): SiblingCache {
  const cache = caches.get(known) ?? new SiblingCache(known.folder, known.compression, () => {})
  caches.set(known, cache)
  return cache
}
