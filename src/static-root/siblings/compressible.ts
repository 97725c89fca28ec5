import type { Compression } from '../../options/compression.ts'

/**
 * Tells whether a file of this name gets siblings. A sibling never gets one of its own, even if `skip` is empty.
 * As in WhiteNoise an item of `skip` may span several dots: `min.js` skips `a.min.js`.
 */
export function isCompressible(name: string, compression: Compression): boolean {
  const lower = name.toLowerCase()
  if (compression.encodings.length === 0 || /\.(?:br|gz|zst)$/.test(lower)) return false
  for (let dot = lower.indexOf('.'); dot >= 0; dot = lower.indexOf('.', dot + 1))
    if (compression.skip.has(lower.slice(dot + 1))) return false
  return true
}
