import { createHash, hash } from 'node:crypto'
import type { AnalysedFile } from './analyse.ts'
import { components } from './components.ts'
import { StaticFilesError } from './errors.ts'
import { Held } from './held.ts'
import type { MissingReference } from './missing.ts'
import { hashedName } from './names.ts'
import { positionOf } from './position.ts'
import type { ResolvedReference } from './references/resolve.ts'
import { type StoredFile, versionOf } from './version.ts'

/** A collected file with its hashed name and final content. */
export interface HashedFile {
  readonly name: string
  readonly hashedName: string
  readonly source: string
  /** MD5 of the source's bytes, in hex. */
  readonly sourceHash: string
  /** Size of the source in bytes. */
  readonly size: number
  /** What references to it say. */
  readonly stored: StoredFile
  /** Changes when the source does. */
  readonly version: string
  readonly rewritten?: Rewritten
}

/** The content of a file where it differs from the source's. */
export interface Rewritten {
  readonly bytes: () => Buffer
  /** MD5, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
}

/**
 * Gives every file its hashed name, each once, those that others refer to first. The files of a cycle are hashed over
 * their contents together; any other file's hash is the MD5 of its final bytes, as in Django.
 */
export class Hasher {
  /** By name, in no particular order. */
  readonly files: Map<string, HashedFile> = new Map()
  /** The names that rewritten files refer to. */
  readonly referenced: ReadonlySet<string | undefined>
  readonly #mode: 'name' | 'query'
  #pending: AnalysedFile[][]
  #bundled: ReadonlyMap<string, StoredFile> = new Map()
  readonly #held: Held

  /**
   * @param how.mode where references carry the hash
   * @param how.held what is kept of rewritten files in memory
   */
  constructor(
    files: ReadonlyMap<string, AnalysedFile>,
    how: { mode?: 'name' | 'query' | undefined; held?: Held } = {},
  ) {
    this.#mode = how.mode ?? 'name'
    this.#held = how.held ?? new Held()
    const rewritten: AnalysedFile[] = []
    for (const file of files.values()) {
      if (file.rewriting) rewritten.push(file)
      else this.#add(file, file.hash)
    }
    this.referenced = new Set(rewritten.flatMap(file => file.rewriting!.references.map(({ name }) => name)))
    this.#pending = components(rewritten, function* (file) {
      for (const { name } of referencesOf(file)) {
        const target = name === undefined ? undefined : files.get(name)
        if (target?.rewriting) yield target
      }
    })
  }

  /**
   * Hashes what refers to known names only; what is left waits for the next call.
   * @param bundled names that the bundler made, with what they are stored as
   */
  run(bundled: ReadonlyMap<string, StoredFile>): void {
    this.#bundled = bundled
    this.#pending = this.#pending.filter(members => {
      const inside = namesOf(members)
      const ready = members.every(member =>
        referencesOf(member).every(({ name }) => inside.has(name) || this.#stored(name) !== undefined),
      )
      if (ready) this.#hashComponent(members)
      return !ready
    })
  }

  /** References to names that the bundler did not make. */
  *waiting(): Generator<MissingReference> {
    const pending = this.#pending.flat()
    const names = namesOf(pending)
    for (const { source, rewriting } of pending) {
      for (const { reference, name } of rewriting?.references ?? []) {
        if (names.has(name) || this.#stored(name) !== undefined) continue
        yield { source, ...positionOf(rewriting!.source(), reference.start), url: reference.url, name }
      }
    }
  }

  /** Hashes what waits; its references to unknown names stay as they are. */
  settle(): void {
    for (const members of this.#pending) this.#hashComponent(members)
    this.#pending = []
  }

  #stored(name: string | undefined): StoredFile | undefined {
    return name === undefined ? undefined : (this.files.get(name)?.stored ?? this.#bundled.get(name))
  }

  #storedAs(name: string, digest: string): StoredFile {
    return this.#mode === 'query' ? { name, version: versionOf(digest) } : { name: hashedName(name, digest) }
  }

  #hashComponent(members: readonly AnalysedFile[]): void {
    const inside = namesOf(members)
    const isCycle = members.some(member => referencesOf(member).some(({ name }) => inside.has(name)))
    const urlOf = (resolved: ResolvedReference, stored = this.#stored(resolved.name)) =>
      stored && resolved.urlOf(stored.name, stored.version)
    const digest = isCycle
      ? cycleDigest(members, resolved => (inside.has(resolved.name) ? undefined : urlOf(resolved)))
      : undefined
    const within = new Map<string | undefined, StoredFile>()
    if (digest) for (const { name } of members) within.set(name, this.#storedAs(name, digest))
    for (const member of members) {
      const bytes = this.#held.hold(member.size, () =>
        member.rewriting!.render(resolved => urlOf(resolved, within.get(resolved.name))),
      )
      const content = bytes()
      const rewritten = { bytes, hash: hash('md5', content), size: content.length }
      this.#add(member, digest ?? rewritten.hash, rewritten)
    }
  }

  #add(file: AnalysedFile, nameHash: string, rewritten?: Rewritten): void {
    const { name, source, size, version, hash: sourceHash } = file
    const stored = this.#storedAs(name, nameHash)
    const hashed = { name, hashedName: hashedName(name, nameHash), stored, source, sourceHash, size, version }
    this.files.set(name, rewritten ? { ...hashed, rewritten } : hashed)
  }
}

function namesOf(files: readonly AnalysedFile[]): Set<string | undefined> {
  return new Set(files.map(file => file.name))
}

function referencesOf({ rewriting }: AnalysedFile): readonly ResolvedReference[] {
  return rewriting?.references ?? []
}

/** The MD5 of all members with the references among them as they were written, in the order of their names. */
function cycleDigest(
  members: readonly AnalysedFile[],
  urlOutside: (reference: ResolvedReference) => string | undefined,
): string {
  const digest = createHash('md5')
  for (const member of members.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    digest.update(`${member.name}\0`).update(member.rewriting!.render(urlOutside)).update('\0')
  }
  return digest.digest('hex')
}

/**
 * Refuses a collected file whose plain name is the hashed name of another: one would overwrite the other.
 * @throws StaticFilesError naming all such pairs
 */
export function checkHashedNames(files: ReadonlyMap<string, HashedFile>): void {
  const clashes: string[] = []
  for (const file of files.values()) {
    const other = files.get(file.hashedName)
    if (other && other.sourceHash !== (file.rewritten?.hash ?? file.sourceHash)) {
      clashes.push(`  ${other.source} is named as the hashed ${file.source}: ${file.hashedName}`)
    }
  }
  if (clashes.length === 0) return
  throw new StaticFilesError(
    `a file has the hashed name of another\n${clashes.join('\n')}\nRename it, or leave it out with \`ignore\`.`,
  )
}
