import { hash } from 'node:crypto'
import type { Targets } from 'lightningcss'
import type { Held } from './held.ts'
import { positionOf } from './position.ts'
import { cssReferences } from './references/css.ts'
import { jsReferences } from './references/js.ts'
import { type LightningResult, lightningTemplate } from './references/lightning.ts'
import type { Reference } from './references/reference.ts'
import { sourceMapFile } from './references/source-map.ts'
import {
  changedError,
  type Grammar,
  grammarOf,
  LARGEST_TEXT,
  readText,
  type Scan,
  type ScanOptions,
  type Source,
  scan,
} from './scan.ts'

/** What a source holds, whatever its name and its neighbours are. */
export interface Parsed {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Changes when the file does. */
  readonly version: string
  /** Only of files that have references. */
  readonly text?: () => Text
  readonly references: readonly Reference[]
  /** What was found wrong, without the file's name: `3:14 message`. */
  readonly warnings: readonly string[]
}

/** A decoded text that encodes to the same bytes. */
export interface Text {
  readonly source: string
  readonly encoding: 'utf8' | 'latin1'
}

/** Reads a file, and finds the references in it where its kind is rewritten. */
export function parseFile(file: Source, options: ScanOptions, held: Held): Parsed {
  return parseScanned(file, scan(file, options), options, held)
}

/** Finds the references in a file that was read already. */
export function parseScanned(
  { source, name }: Source,
  scanned: Scan,
  { modules }: ScanOptions,
  held: Held,
): Parsed {
  const { hash, size, version, mayRefer } = scanned
  const grammar = grammarOf(name)
  if (!mayRefer || grammar === undefined) {
    const isSkipped = grammar !== undefined && size > LARGEST_TEXT
    const warnings = isSkipped ? ['is too large for a text: its references stay as they are'] : []
    return { hash, size, version, references: [], warnings }
  }
  const text = textOf(source, version)
  const { references, warnings } = GRAMMARS[grammar](text, modules)
  const found = { hash, size, version, references, warnings }
  return references.length === 0
    ? found
    : { ...found, text: held.hold(text, size, () => textOf(source, version)) }
}

/** Finds the `file` field of a source map. */
export function parseSourceMap(source: string, held: Held): Parsed {
  const { bytes, version } = readText(source)
  const text = decode(bytes)
  const reference = sourceMapFile(text.source)
  const parsed = { hash: hash('md5', bytes), size: bytes.length, version, warnings: [] }
  if (reference === undefined) return { ...parsed, references: [] }
  const again = held.hold(text, bytes.length, () => textOf(source, version))
  return { ...parsed, text: again, references: [reference] }
}

/** @throws StaticFilesError where the file is not what it was */
function textOf(source: string, expected: string): Text {
  const { bytes, version } = readText(source)
  if (version !== expected) throw changedError(source)
  return decode(bytes)
}

/** Minifies a stylesheet with lightningcss, leaving a place for each reference. */
export function minify(name: string, parsed: Parsed, targets: Targets | undefined): LightningResult {
  const { references } = parsed
  const text = parsed.text?.()
  if (text?.encoding !== 'utf8') return { problem: `${name}: it is not UTF-8` }
  return lightningTemplate({ name, code: text.source, references, targets })
}

type Finding = (text: Text, modules: boolean) => { references: Reference[]; warnings: string[] }

const GRAMMARS: Record<Grammar, Finding> = {
  css(text) {
    const references = cssReferences(text.source).map(reference => inEncoding(reference, text))
    return { references, warnings: references.length === 0 ? [] : encodingWarnings(text) }
  },

  js(text, modules) {
    const { references: found, unparsable } = jsReferences(text.source, modules)
    const references = found.map(reference => inEncoding(reference, text))
    const warnings = encodingWarnings(text)
    if (unparsable && RELATIVE_IMPORT.test(text.source)) {
      const { line, column } = positionOf(text.source, unparsable.offset)
      warnings.push(`${unparsable.message} (line ${line}, column ${column}): its imports stay as they are`)
    }
    return { references, warnings }
  },
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
