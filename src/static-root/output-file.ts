import type { ListedFile } from '../finders/location.ts'
import type { HashedFile } from '../hash/hasher.ts'
import type { Rewritten } from '../hash/render.ts'

/** One file of the static root, under all the names that its bytes have. */
export interface OutputFile {
  /** The names below the static root. A name that carries the hash of the bytes comes first. */
  readonly names: readonly string[]
  readonly source: string
  /** What the source was rewritten to; `undefined` if the file has the bytes of its source. */
  readonly rewritten: Rewritten | undefined
  /** The fingerprint of the source when it was hashed, if the file has its bytes; `undefined` if it was not hashed. */
  readonly fingerprint: string | undefined
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Whether the first name carries the hash, so that a file of that name and size is already this file. */
  readonly hashed: boolean
}

/** Returns the outputs of a file: its hashed and its plain name share their bytes unless the file was rewritten. */
export function hashedOutput(file: HashedFile, keepUnhashed: boolean): OutputFile[] {
  const { name, hashedName, rewritten } = file
  if (!rewritten) return [output(keepUnhashed ? [hashedName, name] : [hashedName], bytesOfSource(file), true)]
  const hashed = output([hashedName], finalBytes(file), true)
  return keepUnhashed ? [hashed, output([name], bytesOfSource(file), false)] : [hashed]
}

/**
 * Returns the output of a file that keeps its name, with its new references.
 * @param isShared whether the bundle refers to the hashed name, so that the file is written under that name too
 */
export function versionedOutput(file: HashedFile, isShared: boolean): OutputFile {
  const { name, hashedName } = file
  return output(isShared ? [hashedName, name] : [name], finalBytes(file), isShared)
}

/** Returns the output of a file that keeps its name and bytes. Its source stands for a hash that nobody needs. */
export function plainOutput({ name, source }: ListedFile): OutputFile {
  const bytes = { source, rewritten: undefined, fingerprint: undefined, hash: source, size: 0 }
  return output([name], bytes, false)
}

type Bytes = Omit<OutputFile, 'names' | 'hashed'>

function bytesOfSource({ source, fingerprint, sourceHash, size }: HashedFile): Bytes {
  return { source, rewritten: undefined, fingerprint, hash: sourceHash, size }
}

function finalBytes(file: HashedFile): Bytes {
  const { source, rewritten } = file
  if (!rewritten) return bytesOfSource(file)
  return { source, rewritten, fingerprint: undefined, hash: rewritten.hash, size: rewritten.size }
}

function output(
  names: readonly string[],
  { source, rewritten, fingerprint, hash, size }: Bytes,
  hashed: boolean,
): OutputFile {
  return { names, source, rewritten, fingerprint, hash, size, hashed }
}

/** How files are written. */
export interface WriteOptions {
  readonly staticRoot: string
  readonly link: false | 'symbolic' | 'hard'
  readonly fileMode: number
  /** `undefined` leaves it to the system. */
  readonly folderMode: number | undefined
}

/** A file, and what is known about its place in the static root. */
export interface FileToWrite {
  readonly file: OutputFile
  /** Whether nothing exists yet under any of its names. */
  readonly isNew: boolean
  /**
   * In milliseconds since 1970: when the previous build ended, if it left these bytes under the first name. `undefined`
   * if it did not, or if the name carries the hash.
   */
  readonly unchangedSince: number | undefined
}
