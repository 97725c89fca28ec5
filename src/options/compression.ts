import type { Encoding } from '../base/encodings.ts'

/** Which siblings the build writes, and for which files. */
export interface CompressOptions {
  /**
   * Whether to write `.gz` siblings, or their level: 1 to 9.
   * @default true
   */
  gzip?: boolean | number

  /**
   * Whether to write `.br` siblings, or their level: 0 to 11.
   * @default true
   */
  brotli?: boolean | number

  /**
   * Whether to write `.zst` siblings, or their level: 1 to 19. They need Node 22.15, 23.8 or later, whose zlib has zstd.
   * @default false
   */
  zstd?: boolean | number

  /**
   * The levels that are not given: `'small'` is gzip 9, brotli 11 and zstd 19; `'fast'`, for previews, is gzip 6,
   * brotli 4 and zstd 3.
   * @default 'small'
   */
  effort?: 'small' | 'fast'

  /**
   * Extensions of files that get no siblings, without the dot, in lower or upper case. The list replaces the default.
   * @default WhiteNoise's `WHITENOISE_SKIP_COMPRESS_EXTENSIONS`: images, archives, woff, video …
   */
  skip?: readonly string[]

  /**
   * The largest size that a sibling may have, as a share of the original's size. Larger ones are not written.
   * @default 0.95
   */
  maxRatio?: number

  /**
   * The folder that keeps siblings for later builds, relative to Vite's root; other checkouts may share it. `true` is
   * `staticfiles/siblings` in Vite's `cacheDir`; `false` keeps none.
   * @default true
   */
  cache?: boolean | string

  /**
   * The size that the cache may have after a build, in bytes. The least recently used siblings are removed first.
   * @default 512 MiB
   */
  cacheSize?: number
}

/** {@link CompressOptions} with every default filled in. */
export interface Compression {
  /** The encodings of the siblings; empty if nothing is compressed. */
  encodings: readonly Encoding[]
  levels: Readonly<Record<Encoding, number>>
  /** Extensions without the dot, in lower case. */
  skip: ReadonlySet<string>
  /** The largest size of a sibling that is kept, as a share of the original's size. */
  maxRatio: number
  /** The folder of the cache, perhaps a relative path; `true` is a folder in Vite's `cacheDir`. */
  cache: string | boolean
  /** The size that the cache may have after a build, in bytes. */
  cacheSize: number
}

/**
 * The extensions of files that are compressed already. It is exactly WhiteNoise's list
 * (https://whitenoise.readthedocs.io/en/stable/django.html#WHITENOISE_SKIP_COMPRESS_EXTENSIONS).
 */
export const SKIP_EXTENSIONS: readonly string[] = [
  ...['jpg', 'jpeg', 'png', 'gif', 'webp'],
  ...['zip', 'gz', 'tgz', 'bz2', 'tbz', 'xz', 'br'],
  ...['swf', 'flv'],
  ...['woff', 'woff2'],
  ...['3gp', '3gpp', 'asf', 'avi', 'm4v', 'mov', 'mp4', 'mpeg', 'mpg', 'webm', 'wmv'],
]

/** The levels of each effort. They balance size and CPU time: docs/performance.md has the table. */
const EFFORTS: Record<'small' | 'fast', Record<Encoding, number>> = {
  small: { br: 11, gzip: 9, zstd: 19 },
  fast: { br: 4, gzip: 6, zstd: 3 },
}

/** Fills in the defaults of options that have been validated. */
export function resolveCompress(options: false | CompressOptions | undefined): Compression {
  const { gzip, brotli, zstd, effort, skip, maxRatio, cache, cacheSize } = options || {}
  const asked: Record<Encoding, boolean | number> = {
    br: brotli ?? true,
    gzip: gzip ?? true,
    zstd: zstd ?? false,
  }
  const levels = { ...EFFORTS[effort ?? 'small'] }
  const names = ['br', 'gzip', 'zstd'] as const
  for (const name of names) if (typeof asked[name] === 'number') levels[name] = asked[name]
  return {
    encodings: options === false ? [] : names.filter(name => asked[name] !== false),
    levels,
    skip: new Set((skip ?? SKIP_EXTENSIONS).map(extension => extension.replace(/^\./, '').toLowerCase())),
    maxRatio: maxRatio ?? 0.95,
    cache: cache ?? true,
    cacheSize: cacheSize ?? 512 * 1024 * 1024,
  }
}
