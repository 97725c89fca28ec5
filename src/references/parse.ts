import { isUtf8 } from 'node:buffer'
import { changedError, type Digest, hashSource, LARGEST_TEXT, readSource } from '../base/files/source.ts'
import { positionOf } from '../base/text/position.ts'
import { cssReferences, hasCssReferences } from './css.ts'
import { hasJsReferences, jsReferences } from './js.ts'
import type { Reference } from './reference.ts'
import { sourceMapFile } from './source-map.ts'

/** A file to parse. */
export interface Source {
  /** Its absolute path. */
  readonly source: string
  /** It says whether there may be references. */
  readonly name: string
}

/** Which references are looked for. */
export interface ParseOptions {
  /** Whether module references of scripts are rewritten, not only source-map comments. */
  readonly modules: boolean
}

/** What a source holds, whatever its name and its neighbours are: data that can go from one thread to another. */
export interface Parsed extends Digest {
  readonly references: readonly Reference[]
  /** What was found wrong, without the file's name: `3:14 message`. */
  readonly warnings: readonly string[]
}

/** A decoded text that encodes to the same bytes. */
export interface Text {
  readonly text: string
  readonly encoding: 'utf8' | 'latin1'
}

/** Reads a file once: its hash, and the references in it where its kind is rewritten. */
export function parseFile({ source, name }: Source, options: ParseOptions): Parsed {
  const grammar: Grammar | undefined = GRAMMARS[kindOf(name)]
  if (grammar === undefined) return parsed(hashSource(source), NOTHING)
  const read = readSource(source, content => grammar(content, options))
  if (read.result) return parsed(read, read.result)
  // No stylesheet or script that a browser would load, and more than a string can hold.
  const warnings = [`is larger than ${LARGEST_TEXT / 2 ** 20} MiB: its references stay as they are`]
  return parsed(hashSource(source), { references: [], warnings })
}

/** Finds the `file` field of a source map. */
export function parseSourceMap(source: string): Parsed {
  const read = readSource(source, content => sourceMapFile(decode(content).text))
  return parsed(read, { references: read.result ? [read.result] : [], warnings: [] })
}

/** Spelled out, as all that there is of each file: in V8 what a spread makes takes three times as much memory. */
function parsed(
  { hash, size, version, changedAt }: Digest,
  { references, warnings }: ReturnType<Grammar>,
): Parsed {
  return { hash, size, version, changedAt, references, warnings }
}

/**
 * Reads a file again that was parsed.
 * @throws StaticFilesError where it is not what it was
 */
export function textOf({ source, version }: { source: string; version: string }): Text {
  const read = readSource(source, decode)
  if (read.result === undefined || read.version !== version) throw changedError(source)
  return read.result
}

type Grammar = (content: Buffer, options: ParseOptions) => Pick<Parsed, 'references' | 'warnings'>

/** What is looked for in a file. */
export type Kind = 'css' | 'js' | 'source-map' | 'nothing'

/** Extensions count in lower case only, as in Django; `.mjs` is more than Django rewrites. */
export function kindOf(name: string): Exclude<Kind, 'source-map'> {
  if (name.endsWith('.css')) return 'css'
  return name.endsWith('.js') || name.endsWith('.mjs') ? 'js' : 'nothing'
}

const GRAMMARS = { css: parseCss, js: parseJs, nothing: undefined }

const NOTHING: ReturnType<Grammar> = { references: [], warnings: [] }

function parseCss(content: Buffer): ReturnType<Grammar> {
  if (!hasCssReferences(content.toString('latin1'))) return NOTHING
  const decoded = decode(content)
  const references = cssReferences(decoded.text).map(reference => inEncoding(reference, decoded))
  return references.length === 0 ? NOTHING : { references, warnings: encodingWarnings(decoded) }
}

function parseJs(content: Buffer, { modules }: ParseOptions): ReturnType<Grammar> {
  if (!hasJsReferences(content.toString('latin1'), modules)) return NOTHING
  const decoded = decode(content)
  const { references: found, unparsable } = jsReferences(decoded.text, modules)
  const references = found.map(reference => inEncoding(reference, decoded))
  const warnings = encodingWarnings(decoded)
  if (unparsable && RELATIVE_IMPORT.test(decoded.text)) {
    const { line, column } = positionOf(decoded.text, unparsable.offset)
    warnings.push(`${unparsable.message} (line ${line}, column ${column}): its imports stay as they are`)
  }
  return { references, warnings }
}

/** Scripts that only look like modules are not worth a warning. */
const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*["'`]\.{0,2}\//u

function encodingWarnings({ encoding }: Text): string[] {
  return encoding === 'latin1' ? ['is not UTF-8: its bytes are kept, only the references change'] : []
}

/** Latin-1 gives every byte a character of its own, so what is not UTF-8 survives a rewriting byte for byte. */
function decode(content: Buffer): Text {
  const encoding = isUtf8(content) ? 'utf8' : 'latin1'
  return { text: content.toString(encoding), encoding }
}

/** A URL is read and written as its bytes, whatever the bytes around it are. */
function inEncoding(reference: Reference, { encoding }: Text): Reference {
  if (encoding === 'utf8') return reference
  const url = decode(Buffer.from(reference.url, 'latin1')).text
  return { ...reference, url, form: { ...reference.form, ascii: true } }
}
