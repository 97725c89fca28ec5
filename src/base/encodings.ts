/** A content coding, as `Content-Encoding` names it. */
export type Encoding = 'br' | 'gzip' | 'zstd'

/** The end of a sibling's name, after the name of its file. */
export type Suffix = '.br' | '.gz' | '.zst'

/** The suffix of each encoding's siblings. */
export const SUFFIXES: Record<Encoding, Suffix> = { br: '.br', gzip: '.gz', zstd: '.zst' }

/** The encoding that each suffix stands for. */
export const ENCODINGS: Record<Suffix, Encoding> = { '.br': 'br', '.gz': 'gzip', '.zst': 'zstd' }

/** Returns the name of the file that a sibling belongs to, or `undefined` if the name is not that of a sibling. */
export function originalOf(name: string): string | undefined {
  const end = name.length - (name.endsWith('.zst') ? 4 : 3)
  return name.slice(end) in ENCODINGS ? name.slice(0, end) : undefined
}
