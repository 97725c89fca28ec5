import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Encoding, SUFFIXES } from '../base/encodings.ts'
import type { IndexRow } from '../static-root/index/index-file.ts'
import type { HeaderMaker } from './headers.ts'
import { type FileSnapshot, type ServableFile, Variant } from './variant.ts'

/** A file that is served. Its variants are prepared on the first request, and kept. */
export class StaticFile {
  readonly file: ServableFile
  readonly #maker: HeaderMaker
  #variants: readonly Variant[] | undefined
  #preparing: Promise<readonly Variant[]> | undefined
  #trustsIndex = true

  constructor(file: ServableFile, maker: HeaderMaker) {
    this.file = file
    this.#maker = maker
  }

  /** The variants, the smallest first; `undefined` before {@link StaticFile.prepare}. */
  get variants(): readonly Variant[] | undefined {
    return this.#variants
  }

  /** @throws if the file's stat cannot be read: the file may be gone */
  prepare(): Promise<readonly Variant[]> {
    this.#preparing ??= this.#prepare().finally(() => {
      this.#preparing = undefined
    })
    return this.#preparing
  }

  /** Whether a new index says the same about this file as the previous one. */
  isStill(other: ServableFile): boolean {
    const [was, is] = [this.file, other]
    if (was.row === undefined || is.row === undefined || !this.#trustsIndex) return false
    return was.immutable === is.immutable && factsOf(was.row) === factsOf(is.row)
  }

  /** Notes that a variant differs from the index: from now on the file is served as it is on the disk, without siblings. */
  hasChanged(variant: Variant): void {
    if (!this.#variants?.includes(variant)) return
    this.#variants = undefined
    this.#trustsIndex = false
  }

  async #prepare(): Promise<readonly Variant[]> {
    const { file } = this
    const source = path.join(file.folder, file.name)
    const { mtime, mtimeMs, size } = await stat(source)
    const [hash, expected, , siblings = {}] = file.row ?? []
    const trusted = this.#trustsIndex && (expected === undefined || expected === size)
    const inIndex = file.row ? siblings : await siblingSizes(source, file.encodings)
    const sizes: [Encoding | undefined, number][] = [
      [undefined, size],
      ...(Object.entries(trusted ? inIndex : {}) as [Encoding, number][]),
    ]
    const snapshot: FileSnapshot = {
      file,
      maker: this.#maker,
      hash: trusted ? hash : undefined,
      modified: Math.trunc(mtimeMs),
      lastModified: httpDate(mtime),
      negotiated: sizes.length > 1,
    }
    const variants = sizes.map(([encoding, bytes]) => new Variant(snapshot, encoding, bytes))
    this.#variants = variants.sort((one, other) => one.size - other.size)
    return this.#variants
  }
}

/** Returns what an index says about the content, as a string that can be compared. */
function factsOf([hash, size, , siblings]: IndexRow): string {
  return JSON.stringify([hash, size, siblings])
}

let latest = ''

/** Formats a time. Files of a release have few different times, so successive files mostly share one string. */
function httpDate(time: Date): string {
  const date = time.toUTCString()
  if (date !== latest) latest = date
  return latest
}

async function siblingSizes(
  source: string,
  encodings: readonly Encoding[],
): Promise<Partial<Record<Encoding, number>>> {
  const sizes = await Promise.all(
    encodings.map(async encoding => [
      encoding,
      (await stat(path.normalize(source + SUFFIXES[encoding]))).size,
    ]),
  )
  return Object.fromEntries(sizes)
}
