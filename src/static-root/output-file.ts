import type { ListedFile } from '../finders/location.ts'
import type { HashedFile } from '../hash/hasher.ts'
import type { Rewritten } from '../hash/render.ts'

/** One file of the static root, under all the names that its bytes have. */
export interface OutputFile {
  /** The names below the static root. A name that carries the hash of the content comes first. */
  readonly names: readonly string[]
  /** Where the bytes are: a path, or what is rewritten. */
  readonly content: string | Rewritten
  /** Of the file at the path, when its hash was taken; `undefined` where its name carries none. */
  readonly fingerprint?: string | undefined
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Whether the first name carries the hash, so that a file of that name and size is this file already. */
  readonly hashed: boolean
}

/** The hashed and the plain name share their bytes unless references were written anew. */
export function hashedOutput(file: HashedFile, keepUnhashed: boolean): OutputFile[] {
  const { name, hashedName, rewritten } = file
  if (!rewritten) return [output(keepUnhashed ? [hashedName, name] : [hashedName], sourceOf(file), true)]
  const hashed = output([hashedName], contentOf(rewritten), true)
  return keepUnhashed ? [hashed, output([name], sourceOf(file), false)] : [hashed]
}

/**
 * A file that keeps its name, with its references written anew.
 * @param isShared whether the bundle refers to the hashed name, which is then there too
 */
export function versionedOutput(file: HashedFile, isShared: boolean): OutputFile {
  const { name, hashedName, rewritten } = file
  const content = rewritten ? contentOf(rewritten) : sourceOf(file)
  return output(isShared ? [hashedName, name] : [name], content, isShared)
}

/** A file that keeps its name and its bytes: its source stands for a hash that nobody needs. */
export function plainOutput({ name, source }: ListedFile): OutputFile {
  return { names: [name], content: source, hash: source, size: 0, hashed: false }
}

type Content = Omit<OutputFile, 'names' | 'hashed'>

function sourceOf({ source, fingerprint, sourceHash, size }: HashedFile): Content {
  return { content: source, fingerprint, hash: sourceHash, size }
}

function contentOf(rewritten: Rewritten): Content {
  return { content: rewritten, hash: rewritten.hash, size: rewritten.size }
}

function output(
  names: readonly string[],
  { content, fingerprint, hash, size }: Content,
  hashed: boolean,
): OutputFile {
  return { names, content, fingerprint, hash, size, hashed }
}

/** How files are written. */
export interface WriteOptions {
  readonly staticRoot: string
  readonly link: false | 'symbolic' | 'hard'
  readonly fileMode: number
  /** `undefined` leaves it to the system. */
  readonly folderMode: number | undefined
}

/** A file, with what is known of its place. */
export interface FileToWrite {
  readonly file: OutputFile
  /** Whether there is nothing yet under any of its names. */
  readonly isNew: boolean
  /**
   * In milliseconds since 1970: when a build ended that left these bytes under the first name; `undefined` where none is
   * known, or the name says it.
   */
  readonly writtenBefore: number | undefined
}
