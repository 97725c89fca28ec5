import { isUtf8 } from 'node:buffer'
import { changedError, type Digest, hashSource, LARGEST_TEXT, readSource } from '../base/files/source.ts'
import { positionOf } from '../base/text/position.ts'
import { defineJob, type Job } from '../base/threads.ts'
import { cssReferences, hasCssReferences } from './css.ts'
import { hasJsReferences, jsReferences } from './js.ts'
import type { Reference } from './reference.ts'
import { sourceMapFile } from './source-map.ts'

/** A file to parse. */
export interface FileToParse {
  /** Its absolute path. */
  readonly source: string
  /** The static name; its extension decides which grammar is used. */
  readonly name: string
}

/** Which references to find. */
export interface ParseOptions {
  /** Whether module references of scripts are rewritten, not only source-map comments. */
  readonly modules: boolean
}

/** What a file holds, independent of its location and of other files. It is plain data, which threads can exchange. */
export interface Parsed extends Digest {
  readonly references: readonly Reference[]
  /** The problems found, without the file's name. */
  readonly warnings: readonly string[]
}

/** A decoded text, which encodes to the same bytes again. */
export interface Text {
  readonly text: string
  readonly encoding: 'utf8' | 'latin1'
}

/** Reads a file once, hashes it, and finds its references if it is a stylesheet or a script. */
export function parseFile({ source, name }: FileToParse, options: ParseOptions): Parsed {
  const grammar: Grammar | undefined = GRAMMARS[kindOf(name)]
  if (grammar === undefined) return parsed(hashSource(source), NOTHING)
  const read = readSource(source, content => grammar(content, options))
  if (read.result) return parsed(read, read.result)
  // A string cannot hold the file, and a browser would hardly load a stylesheet or script of this size.
  const warnings = [`is larger than ${LARGEST_TEXT / 2 ** 20} MiB: its references stay as they are`]
  return parsed(hashSource(source), { references: [], warnings })
}

/** {@link parseFile} in any thread. */
export const parseJob: Job<FileToParse, ParseOptions, Parsed> = defineJob('parse', parseFile)

/** Finds the `file` field of a source map. */
export function parseSourceMap(source: string): Parsed {
  const read = readSource(source, content => sourceMapFile(decode(content).text))
  return parsed(read, { references: read.result ? [read.result] : [], warnings: [] })
}

/** Builds the result without a spread, because there is one per file: an object made by a spread takes three times the memory in V8. */
function parsed(
  { hash, size, fingerprint, changedAt }: Digest,
  { references, warnings }: ReturnType<Grammar>,
): Parsed {
  return { hash, size, fingerprint, changedAt, references, warnings }
}

/**
 * Reads a parsed file again.
 * @throws StaticFilesError if the file has changed
 */
export function textOf({ source, fingerprint }: { source: string; fingerprint: string }): Text {
  const read = readSource(source, decode)
  if (read.result === undefined || read.fingerprint !== fingerprint) throw changedError(source)
  return read.result
}

type Grammar = (content: Buffer, options: ParseOptions) => Pick<Parsed, 'references' | 'warnings'>

/** The grammar that finds a file's references. */
export type Kind = 'css' | 'js' | 'source-map' | 'nothing'

/** Returns the kind of a name. Like Django, it knows extensions in lower case only; Django does not rewrite `.mjs`. */
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

/** Matches a relative import: scripts that only look like modules are not worth a warning. */
const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*["'`]\.{0,2}\//u

function encodingWarnings({ encoding }: Text): string[] {
  return encoding === 'latin1' ? ['is not UTF-8: its bytes are kept, only the references change'] : []
}

/** Decodes a file. Latin-1 maps each byte to one character, so a file that is not UTF-8 is rewritten without changing other bytes. */
function decode(content: Buffer): Text {
  const encoding = isUtf8(content) ? 'utf8' : 'latin1'
  return { text: content.toString(encoding), encoding }
}

/** Decodes a URL as UTF-8 if possible, whatever the encoding of the file is; it is then written percent-encoded. */
function inEncoding(reference: Reference, { encoding }: Text): Reference {
  if (encoding === 'utf8') return reference
  const url = decode(Buffer.from(reference.url, 'latin1')).text
  return { ...reference, url, form: { ...reference.form, ascii: true } }
}
