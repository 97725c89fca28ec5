import { createHash, hash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Targets } from 'lightningcss'
import { positionOf } from './position.ts'
import { cssReferences, hasCssReferences } from './references/css.ts'
import { hasJsReferences, jsReferences } from './references/js.ts'
import { type LightningResult, lightningTemplate } from './references/lightning.ts'
import type { Reference } from './references/reference.ts'
import { sourceMapFile } from './references/source-map.ts'

/** What a source holds, whatever its name and its neighbours are. */
export interface Parsed {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Only of files that have references. */
  readonly text?: Text
  readonly references: readonly Reference[]
  /** What was found wrong, without the file's name: `3:14 message`. */
  readonly warnings: readonly string[]
}

/** A decoded text that encodes to the same bytes. */
export interface Text {
  readonly source: string
  readonly encoding: 'utf8' | 'latin1'
}

/** Which references are looked for. */
export interface ParseOptions {
  /** Whether module references of scripts are rewritten, not only source-map comments. */
  readonly modules: boolean
}

const STREAMED_SIZE = 4 * 1024 * 1024

/** Reads a file once: its hash, and the references in it where its kind is rewritten. */
export async function parseFile(source: string, name: string, options: ParseOptions): Promise<Parsed> {
  const grammar = grammarOf(name)
  if (grammar === undefined) return { ...(await hashFile(source)), references: [], warnings: [] }
  const bytes = readFileSync(source)
  return { hash: hash('md5', bytes), size: bytes.length, ...grammar(bytes, options) }
}

/** Finds the `file` field of a source map. */
export async function parseSourceMap(source: string): Promise<Parsed> {
  const bytes = readFileSync(source)
  const text = decode(bytes)
  const reference = sourceMapFile(text.source)
  const parsed = { hash: hash('md5', bytes), size: bytes.length, warnings: [] }
  return reference ? { ...parsed, text, references: [reference] } : { ...parsed, references: [] }
}

/** Minifies a stylesheet with lightningcss, leaving a place for each reference. */
export function minify(name: string, parsed: Parsed, targets: Targets | undefined): LightningResult {
  const { text, references } = parsed
  if (text?.encoding !== 'utf8') return { problem: `${name}: it is not UTF-8` }
  return lightningTemplate({ name, code: text.source, references, targets })
}

async function hashFile(source: string): Promise<{ hash: string; size: number }> {
  const { size } = statSync(source)
  if (size < STREAMED_SIZE) {
    const bytes = readFileSync(source)
    return { hash: hash('md5', bytes), size: bytes.length }
  }
  const digest = createHash('md5')
  await pipeline(createReadStream(source), digest)
  return { hash: digest.digest('hex'), size }
}

type Grammar = (bytes: Buffer, options: ParseOptions) => Pick<Parsed, 'text' | 'references' | 'warnings'>

/** Extensions count in lower case only, as in Django; `.mjs` is more than Django rewrites. */
function grammarOf(name: string): Grammar | undefined {
  if (name.endsWith('.css')) return parseCss
  return name.endsWith('.js') || name.endsWith('.mjs') ? parseJs : undefined
}

const NOTHING = { references: [], warnings: [] }

function parseCss(bytes: Buffer): ReturnType<Grammar> {
  if (!hasCssReferences(bytes.toString('latin1'))) return NOTHING
  const text = decode(bytes)
  const references = cssReferences(text.source).map(reference => inEncoding(reference, text))
  return references.length === 0 ? NOTHING : { text, references, warnings: encodingWarnings(text) }
}

function parseJs(bytes: Buffer, { modules }: ParseOptions): ReturnType<Grammar> {
  if (!hasJsReferences(bytes.toString('latin1'), modules)) return NOTHING
  const text = decode(bytes)
  const { references: found, unparsable } = jsReferences(text.source, modules)
  const references = found.map(reference => inEncoding(reference, text))
  const warnings = encodingWarnings(text)
  if (unparsable && RELATIVE_IMPORT.test(text.source)) {
    const { line, column } = positionOf(text.source, unparsable.offset)
    warnings.push(`${unparsable.message} (line ${line}, column ${column}): its imports stay as they are`)
  }
  return references.length === 0 ? { references, warnings } : { text, references, warnings }
}

/** Scripts that only look like modules are not worth a warning. */
const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*["'`]\.{0,2}\//u

function encodingWarnings(text: Text): string[] {
  return text.encoding === 'latin1' ? ['is not UTF-8: its bytes are kept, only the references change'] : []
}

/** Latin-1 gives every byte a character of its own, so what is not UTF-8 survives a rewriting byte for byte. */
function decode(bytes: Buffer): Text {
  try {
    const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { source, encoding: 'utf8' }
  } catch {
    return { source: bytes.toString('latin1'), encoding: 'latin1' }
  }
}

/** A URL is read and written as its bytes, whatever the bytes around it are. */
function inEncoding(reference: Reference, { encoding }: Text): Reference {
  if (encoding === 'utf8') return reference
  const url = decode(Buffer.from(reference.url, 'latin1')).source
  return { ...reference, url, write: other => reference.write(encodeNonAscii(other)) }
}

function encodeNonAscii(url: string): string {
  return url.replace(/[^\0-\x7f]+/gu, encodeURIComponent)
}
