import type { Encoding } from '../base/encodings.ts'

/** How much a client wants each coding: 0 to 1, where 0 is not at all. */
export interface Acceptance {
  readonly br: number
  readonly gzip: number
  readonly zstd: number
  /** Of the file as it is. A client that does not speak of it takes it, but anything that it names rather. */
  readonly identity: number
}

/** Smaller than any weight that a header can give. */
const UNMENTIONED = 0.0001

const IDENTITY_ALONE: Acceptance = { br: 0, gzip: 0, zstd: 0, identity: 1 }

/**
 * Reads `Accept-Encoding`. Without the header any coding may be sent, but who does not know the header does not know
 * the codings either.
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

/** A weight that cannot be read is none, so that the coding is wanted fully. */
function weightOf(parameters: readonly string[]): number {
  const [, digits] =
    parameters.map(each => /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/u.exec(each)).find(Boolean) ?? []
  return digits === undefined ? 1 : Number(digits)
}

/** In headers: browsers send a handful of different ones, and whoever sends others must not fill the memory. */
const REMEMBERED = 64

/** In characters. */
const LONGEST = 200

const acceptances = new Map<string | undefined, Acceptance>()

/** {@link parseAcceptEncoding}, which the same header costs once. */
export function acceptanceOf(header: string | undefined): Acceptance {
  const found = acceptances.get(header)
  if (found !== undefined) return found
  const acceptance = parseAcceptEncoding(header)
  if (header !== undefined && header.length > LONGEST) return acceptance
  if (acceptances.size >= REMEMBERED) acceptances.clear()
  acceptances.set(header, acceptance)
  return acceptance
}

/**
 * The variant of a file that a client wants most, the first of several that it wants alike.
 * @param variants the smallest first; no `encoding` is the file as it is
 * @returns `undefined` where it takes none of them: the answer is 406
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
