import type { Encoding } from '../base/encodings.ts'

/** How much a client wants each coding, from 0 (not acceptable) to 1. */
export interface Acceptance {
  readonly br: number
  readonly gzip: number
  readonly zstd: number
  /** The uncompressed file. A client that does not mention it accepts it, but prefers any coding that it names. */
  readonly identity: number
}

/** The weight of `identity` if the header does not mention it: smaller than any that a header can give. */
const UNMENTIONED = 0.0001

const IDENTITY_ALONE: Acceptance = { br: 0, gzip: 0, zstd: 0, identity: 1 }

/**
 * Parses `Accept-Encoding`. Without the header any coding may be sent, but a client that does not know the header does
 * not know the codings either.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function parseAcceptEncoding(header: string | undefined): Acceptance {
  if (header === undefined) return IDENTITY_ALONE
  const weights = new Map<string, number>()
  for (const element of header.split(',')) {
    const [coding = '', ...parameters] = element.split(';').map(part => part.trim().toLowerCase())
    if (coding !== '') weights.set(coding, weightOf(parameters))
  }
  const others = weights.get('*')
  const weight = (coding: Encoding) => weights.get(coding) ?? others ?? 0
  return {
    br: weight('br'),
    gzip: weights.get('gzip') ?? weights.get('x-gzip') ?? others ?? 0,
    zstd: weight('zstd'),
    identity: weights.get('identity') ?? (others === 0 ? 0 : UNMENTIONED),
  }
}

/** Returns the `q` parameter. An invalid one counts as missing, so the coding has the weight 1. */
function weightOf(parameters: readonly string[]): number {
  const [, digits] =
    parameters.map(each => /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/u.exec(each)).find(Boolean) ?? []
  return digits === undefined ? 1 : Number(digits)
}

/** The number of headers to cache: browsers send a handful of different ones, and other clients must not fill the memory. */
const CACHE_SIZE = 64

/** The length of the longest header to cache, in characters. */
const LONGEST = 200

const acceptances = new Map<string | undefined, Acceptance>()

/** Calls {@link parseAcceptEncoding}, and caches the result. */
export function acceptanceOf(header: string | undefined): Acceptance {
  const cached = acceptances.get(header)
  if (cached !== undefined) return cached
  const acceptance = parseAcceptEncoding(header)
  if (header !== undefined && header.length > LONGEST) return acceptance
  if (acceptances.size >= CACHE_SIZE) acceptances.clear()
  acceptances.set(header, acceptance)
  return acceptance
}

/**
 * Returns the variant of a file that a client prefers, or the first of several that it likes equally.
 * @param variants the smallest first; the file itself has no `encoding`
 * @returns `undefined` if the client accepts none of them: the response is 406
 */
export function chooseVariant<Variant extends { readonly encoding: Encoding | undefined }>(
  variants: readonly Variant[],
  acceptance: Acceptance,
): Variant | undefined {
  let best: Variant | undefined
  let weight = 0
  for (const variant of variants) {
    const offered = acceptance[variant.encoding ?? 'identity']
    if (offered > weight) {
      best = variant
      weight = offered
    }
  }
  return best
}
