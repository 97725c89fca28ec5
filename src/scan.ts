import { createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { StaticFilesError } from './errors.ts'
import { hasCssReferences } from './references/css.ts'
import { hasJsReferences } from './references/js.ts'

/** A file to read. */
export interface Source {
  /** Its absolute path. */
  readonly source: string
  /** Its name says whether it may hold references. */
  readonly name: string
}

/** Which references are looked for. */
export interface ScanOptions {
  /** Whether module references of scripts are rewritten, not only source-map comments. */
  readonly modules: boolean
}

/** What reading a file once tells. */
export interface Scan {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Whether it has to be parsed. */
  readonly mayRefer: boolean
  /** Changes when the file does. */
  readonly version: string
}

/** The grammar of files that are rewritten. Extensions count in lower case only, as in Django, which rewrites no `.mjs`. */
export type Grammar = 'css' | 'js'

/** The grammar that a name stands for. */
export function grammarOf(name: string): Grammar | undefined {
  if (name.endsWith('.css')) return 'css'
  return name.endsWith('.js') || name.endsWith('.mjs') ? 'js' : undefined
}

/** Larger ones are no stylesheets or scripts that a browser would load, and more than a string can hold. */
export const LARGEST_TEXT: number = 128 * 1024 * 1024

const PIECE = 1024 * 1024

/** All files are read into it, one after the other. */
let piece: Buffer | undefined

/**
 * Reads a file once. A file without references is never decoded, and no file is held in memory longer than that.
 * @throws StaticFilesError where it cannot be read
 */
export function scan({ source, name }: Source, options: ScanOptions): Scan {
  const grammar = grammarOf(name)
  return reading(source, (descriptor, { size, ...stats }) => {
    const version = versionOf({ size, ...stats })
    const isText = grammar !== undefined && size <= LARGEST_TEXT
    if (!isText && size > PIECE) return { ...hashPieces(descriptor), mayRefer: false, version }
    const bytes = size > PIECE ? Buffer.allocUnsafeSlow(size) : pieceOf(size)
    const read = bytes.subarray(0, fill(descriptor, bytes))
    const refers = isText && mayRefer(read, grammar, options)
    return { hash: hash('md5', read), size: read.length, mayRefer: refers, version }
  })
}

/** The whole of a file that has references, with its version. */
export function readText(source: string): { bytes: Buffer; version: string } {
  return reading(source, (descriptor, stats) => {
    const bytes = Buffer.allocUnsafeSlow(stats.size)
    return { bytes: bytes.subarray(0, fill(descriptor, bytes)), version: versionOf(stats) }
  })
}

/** What a file was hashed as must be what is published. */
export function changedError(source: string): StaticFilesError {
  return new StaticFilesError(
    `${source} changed while it was read\nBuild again when nothing writes it any more`,
  )
}

/** Of what is known of a file. */
export function versionOf({ ino, size, mtimeMs }: Pick<Stats, 'ino' | 'size' | 'mtimeMs'>): string {
  return `${ino} ${size} ${mtimeMs}`
}

function reading<Result>(source: string, work: (descriptor: number, stats: Stats) => Result): Result {
  let descriptor: number | undefined
  try {
    descriptor = openSync(source, 'r')
    return work(descriptor, fstatSync(descriptor))
  } catch (cause) {
    const remedy = 'Check that it exists and may be read, or leave it out with `ignore`'
    throw new StaticFilesError(`cannot read ${source}: ${(cause as Error).message}\n${remedy}`, { cause })
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function pieceOf(size: number): Buffer {
  piece ??= Buffer.allocUnsafeSlow(PIECE)
  return piece.subarray(0, size)
}

/** The number of bytes: fewer than there is room for where the file became shorter meanwhile. */
function fill(descriptor: number, bytes: Buffer): number {
  let length = 0
  while (length < bytes.length) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (read === 0) break
    length += read
  }
  return length
}

function hashPieces(descriptor: number): { hash: string; size: number } {
  const bytes = pieceOf(PIECE)
  const digest = createHash('md5')
  let size = 0
  for (let length = fill(descriptor, bytes); length > 0; length = fill(descriptor, bytes)) {
    digest.update(bytes.subarray(0, length))
    size += length
  }
  return { hash: digest.digest('hex'), size }
}

function mayRefer(bytes: Buffer, grammar: Grammar, { modules }: ScanOptions): boolean {
  const text = bytes.toString('latin1')
  return grammar === 'css' ? hasCssReferences(text) : hasJsReferences(text, modules)
}
