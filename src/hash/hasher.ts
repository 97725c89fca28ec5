import type { Targets } from 'lightningcss'
import { StaticFilesError } from '../base/errors.ts'
import { hashedName } from '../base/names.ts'
import { share } from '../base/share.ts'
import { type HashMode, type StoredFile, storedAs } from '../base/stored-file.ts'
import { positionOf } from '../base/text/position.ts'
import { asBuffer } from '../base/threads.ts'
import type { MissingReference } from '../references/missing.ts'
import { textOf } from '../references/parse.ts'
import { type ResolvedReference, urlOf } from '../references/resolve.ts'
import type { AnalysedFile, RewritableFile } from './analysed-file.ts'
import { components } from './components.ts'
import type { Rewritten } from './render.ts'
import { RewriteCache } from './rewrite-cache.ts'
import {
  type Component,
  cacheComponent,
  cachedComponent,
  type RewrittenComponent,
  rewriteJob,
  withUrls,
} from './rewrite-component.ts'

/** A collected file with its hashed name and final content. */
export interface HashedFile {
  readonly name: string
  readonly hashedName: string
  readonly source: string
  /** MD5 of the source's bytes, in hex. */
  readonly sourceHash: string
  /** Size of the source in bytes. */
  readonly size: number
  /** What the file is called in references to it. */
  readonly stored: StoredFile
  /** Changes when the source does. */
  readonly fingerprint: string
  /** What the source was rewritten to, if the file has references. */
  readonly rewritten?: Rewritten
}

/** In bytes: how much of the rewritten files a build keeps in memory; the others are rendered again to write them. */
const ROOM = 16 * 1024 * 1024

/**
 * Gives every file its hashed name, once, and first to files that others refer to. The files of a cycle share one hash of
 * all their contents; any other file's hash is the MD5 of its final bytes, as in Django.
 */
export class Hasher {
  /** By name, in no particular order. */
  readonly files: Map<string, HashedFile> = new Map()
  /** The names that rewritten files refer to. */
  readonly referenced: ReadonlySet<string | undefined>
  readonly #mode: HashMode
  readonly #targets: Targets | undefined
  readonly #rewrites: RewriteCache
  #room = ROOM
  #pending: RewritableFile[][]
  #bundled: ReadonlyMap<string, StoredFile> = new Map()

  /**
   * @param how.mode where references carry the hash; default: in the name
   * @param how.targets the browsers that lightningcss writes for
   * @param how.rewrites what earlier builds rewrote
   */
  constructor(
    files: ReadonlyMap<string, AnalysedFile>,
    how: { mode?: HashMode | undefined; targets?: Targets | undefined; rewrites?: RewriteCache } = {},
  ) {
    this.#mode = how.mode ?? 'name'
    this.#targets = how.targets
    this.#rewrites = how.rewrites ?? new RewriteCache()
    for (const file of files.values()) if (!isRewritable(file)) this.#add(file, file.hash)
    const rewritten = [...files.values()].filter(isRewritable)
    this.referenced = new Set(rewritten.flatMap(file => file.rewriting.references.map(({ name }) => name)))
    this.#pending = components(rewritten, function* (file) {
      for (const { name } of file.rewriting.references) {
        const target = name === undefined ? undefined : files.get(name)
        if (target && isRewritable(target)) yield target
      }
    })
  }

  /**
   * Hashes files that refer only to names with a hash; the others wait for the next call.
   * @param bundled the names that the bundler built, with what they are stored as
   * @throws StaticFilesError if a source has changed since it was parsed
   */
  async run(bundled: ReadonlyMap<string, StoredFile>): Promise<void> {
    this.#bundled = bundled
    await this.#hashPending(false)
  }

  /** Lists the references to names that the bundler did not build. */
  *waiting(): Generator<MissingReference> {
    const pending = this.#pending.flat()
    const names = namesOf(pending)
    for (const file of pending) {
      const { source, rewriting } = file
      for (const { reference, name } of rewriting.references) {
        if (names.has(name) || this.#stored(name) !== undefined) continue
        yield { source, ...positionOf(textOf(file).text, reference.start), url: reference.url, name }
      }
    }
  }

  /** Hashes the files that wait; their references to names without a hash stay as they are. */
  async settle(): Promise<void> {
    await this.#hashPending(true)
  }

  /** Hashes level by level: files that refer only to names with a hash, then files that refer to those, and so on. */
  async #hashPending(isLast: boolean): Promise<void> {
    const levels: RewritableFile[][][] = []
    const levelOf = new Map<string | undefined, number>()
    this.#pending = this.#pending.filter(members => {
      const level = this.#levelOf(members, levelOf, isLast)
      if (level === undefined) return true
      for (const { name } of members) levelOf.set(name, level)
      levels[level] ??= []
      levels[level].push(members)
      return false
    })
    for (const level of levels) await this.#hash(level)
  }

  /** Returns the level of a component, or `undefined` if it has to wait. */
  #levelOf(
    members: readonly RewritableFile[],
    levels: ReadonlyMap<string | undefined, number>,
    isLast: boolean,
  ): number | undefined {
    const inside = namesOf(members)
    let level = 0
    for (const { name } of members.flatMap(member => member.rewriting.references)) {
      if (inside.has(name) || this.#stored(name) !== undefined) continue
      const below = levels.get(name)
      if (below !== undefined) level = Math.max(level, below + 1)
      else if (!isLast) return undefined
    }
    return level
  }

  #stored(name: string | undefined): StoredFile | undefined {
    return name === undefined ? undefined : (this.files.get(name)?.stored ?? this.#bundled.get(name))
  }

  async #hash(level: readonly RewritableFile[][]): Promise<void> {
    const all = level.map(members => this.#componentOf(members))
    const remaining = all.filter(component => {
      const cached = cachedComponent(component, this.#rewrites, this.#mode)
      if (cached) this.#addAll(component, cached)
      return cached === undefined
    })
    // The components that take longest come first.
    const items = remaining.sort((a, b) => sizeOf(b) - sizeOf(a))
    const send = (component: Component) => ({ ...component, keeps: this.#hasRoomFor(component) })
    const done = await share(rewriteJob, items, { mode: this.#mode }, { send })
    for (const [index, component] of items.entries()) {
      cacheComponent(component, done[index]!, this.#rewrites, this.#mode)
      this.#addAll(component, done[index]!)
    }
  }

  #componentOf(files: readonly RewritableFile[]): Component {
    const inside = namesOf(files)
    const members = files.map(file => ({
      file,
      urls: file.rewriting.references.map(resolved =>
        inside.has(resolved.name) ? undefined : this.#urlOf(resolved, file),
      ),
      targets: this.#targets,
    }))
    return {
      members,
      isCycle: files.some(file => file.rewriting.references.some(({ name }) => inside.has(name))),
    }
  }

  #urlOf(resolved: ResolvedReference, { name: from }: RewritableFile): string | undefined {
    const stored = this.#stored(resolved.name)
    return stored && urlOf(resolved, from, stored)
  }

  #addAll({ members }: Component, { digest, files }: RewrittenComponent): void {
    for (const [index, member] of withUrls(members, digest, this.#mode).entries()) {
      const { bytes, ...facts } = files[index]!
      const rewritten = { ...member, ...facts, ...(bytes && { bytes: asBuffer(bytes) }) }
      this.#add(member.file, digest ?? facts.hash, rewritten)
    }
  }

  /** Tells whether there is room for a component, and takes it: rewritten files are about as large as their sources. */
  #hasRoomFor(component: Component): boolean {
    const size = sizeOf(component)
    if (size > this.#room) return false
    this.#room -= size
    return true
  }

  #add(file: AnalysedFile, nameHash: string, rewritten?: Rewritten): void {
    const { name, source, size, fingerprint, hash: sourceHash } = file
    const stored = storedAs(name, nameHash, this.#mode)
    const hashed = {
      name,
      hashedName: this.#mode === 'name' ? stored.name : hashedName(name, nameHash),
      stored,
      source,
      sourceHash,
      size,
      fingerprint,
    }
    this.files.set(name, rewritten ? { ...hashed, rewritten } : hashed)
  }
}

function isRewritable(file: AnalysedFile): file is RewritableFile {
  return file.rewriting !== undefined
}

function namesOf(files: readonly AnalysedFile[]): Set<string | undefined> {
  return new Set(files.map(file => file.name))
}

/** Returns the size of the sources in bytes. */
function sizeOf({ members }: Component): number {
  return members.reduce((sum, { file }) => sum + file.size, 0)
}

/**
 * Checks that no collected file has a plain name that is the hashed name of another: one would overwrite the other.
 * @throws StaticFilesError with all such pairs
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
