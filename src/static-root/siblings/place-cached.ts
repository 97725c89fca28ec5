import { SUFFIXES } from '../../base/encodings.ts'
import { share } from '../../base/share.ts'
import { defineJob, type Job } from '../../base/threads.ts'
import type { Compression } from '../../options/compression.ts'
import { type Content, type Placed, type Places, placeSiblings, siblingsError } from './place.ts'
import { SiblingCache } from './sibling-cache.ts'

/** Where the cached siblings are. */
export interface CachedSiblings {
  /** The absolute path of the cache. */
  readonly folder: string
  readonly compression: Compression
  readonly fileMode: number
}

/** A content, and the existing files that its siblings can meet. It is plain data, which threads can exchange. */
export interface ContentToPlace extends Content {
  readonly own: readonly string[]
  readonly existing: readonly string[]
}

/**
 * Places the siblings that the cache has, in several threads.
 * @returns what was done for each content, or `undefined` if the cache does not have its siblings
 */
export async function placeCached(
  contents: readonly Content[],
  places: Places,
  cached: CachedSiblings,
): Promise<(Placed | undefined)[]> {
  return share(placeJob, contents, cached, { send: content => toPlace(content, places) })
}

function toPlace({ contentHash, size, compressible, skipped }: Content, places: Places): ContentToPlace {
  const targets = places.maybeStale || places.ownFiles.size > 0 ? [...compressible, ...skipped] : []
  const siblings = targets.flatMap(target => Object.values(SUFFIXES).map(suffix => target + suffix))
  return {
    contentHash,
    size,
    compressible,
    skipped,
    own: siblings.filter(file => places.ownFiles.has(file)),
    existing: siblings.filter(places.mayExist),
  }
}

/** Places the siblings of one content in any thread; returns `undefined` if the cache does not have them. */
export const placeJob: Job<ContentToPlace, CachedSiblings, Placed | undefined> = defineJob(
  'place',
  placeFromCache,
)

function placeFromCache(
  { own, existing, ...content }: ContentToPlace,
  cached: CachedSiblings,
): Placed | undefined {
  const siblings = content.size === 0 ? [] : cacheOf(cached).get(content.contentHash)
  if (siblings === undefined) return undefined
  try {
    return placeSiblings(content, siblings, {
      ownFiles: new Set(own),
      maybeStale: existing.length > 0,
      mayExist: file => existing.includes(file),
      fileMode: cached.fileMode,
    })
  } catch (error) {
    throw siblingsError(content, error)
  }
}

const caches = new WeakMap<CachedSiblings, SiblingCache>()

function cacheOf(cached: CachedSiblings): SiblingCache {
  const cache = caches.get(cached) ?? new SiblingCache(cached.folder, cached.compression, () => {})
  caches.set(cached, cache)
  return cache
}
