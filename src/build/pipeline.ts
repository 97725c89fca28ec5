import { keepThreads } from '../base/threads.ts'
import { type CollectedFile, collect, conflicts, conflictsError } from '../finders/collect.ts'
import { type Entry, nameInLocations } from '../finders/entries.ts'
import { rootsOf } from '../finders/finders.ts'
import { type Analysis, analyse } from '../hash/analyse.ts'
import { checkHashedNames, Hasher } from '../hash/hasher.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import {
  describeForeign,
  describeMissing,
  type MissingReference,
  missingError,
} from '../references/missing.ts'
import { type BuildPlan, type Bundle, makePlan } from './plan.ts'
import type { PipelineSetup } from './setup.ts'

/**
 * Runs the finders, reads the files and names all that do not wait for the bundle. Writes nothing to the static root.
 * @returns the prepared files, which keep threads until {@link Prepared.end}
 * @throws StaticFilesError if references are missing or, on request, sources are shadowed
 */
export async function prepare(setup: PipelineSetup, entries: readonly Entry[]): Promise<Prepared> {
  const release = keepThreads()
  try {
    const collection = await collectFiles(setup, entries)
    const { hash } = setup.options
    const hashed = hash ? await hashFiles(setup, collection.own, entries, hash) : undefined
    return new Prepared(setup, collection, hashed, release)
  } catch (error) {
    await release()
    throw error
  }
}

interface Collection {
  /** All files that finders have. */
  readonly all: ReadonlyMap<string, CollectedFile>
  /** All files without the entries, which the bundler builds. */
  readonly own: ReadonlyMap<string, CollectedFile>
}

async function collectFiles({ options, log }: PipelineSetup, entries: readonly Entry[]): Promise<Collection> {
  const { finders, ignore } = options
  log.progress('collecting static files')
  const own = await collect(finders, { ignore, warn: message => log.warn(message) })
  const all = entries.length > 0 ? new Map(own) : own
  for (const entry of entries) own.delete(entry.name)
  const shadowing = conflicts(own.values())
  if (options.conflicts === 'error' && shadowing.length > 0) throw conflictsError(shadowing)
  return { all, own }
}

interface Hashed {
  readonly hasher: Hasher
  readonly missing: readonly MissingReference[]
}

async function hashFiles(
  setup: PipelineSetup,
  collected: Collection['own'],
  entries: readonly Entry[],
  mode: Exclude<ResolvedOptions['hash'], false>,
): Promise<Hashed> {
  const { options, targets, log, caches } = setup
  const { staticPath, css, js } = options
  const bundled = new Set(entries.flatMap(entry => [entry.name, entry.builtName]))
  log.progress(`hashing ${collected.size} static files`)
  const rewrites = caches.rewritten
  rewrites.start()
  const analysis = await analyse(collected, {
    staticPath,
    css,
    js,
    hash: mode,
    bundled,
    cache: caches.parsed,
    rewrites,
  })
  for (const warning of analysis.warnings) log.warn(warning)
  checkMissing(withoutForeign(analysis, setup), collected.keys(), setup)
  const hasher = new Hasher(analysis.files, { targets, rewrites, mode })
  await hasher.run(new Map())
  return { hasher, missing: analysis.missing }
}

/** Warns of all foreign references at once, and returns the others. Without `strict` all are warned of one by one. */
function withoutForeign(
  { missing, foreign }: Analysis,
  { options, log }: PipelineSetup,
): readonly MissingReference[] {
  if (!options.strict || foreign.size === 0) return missing
  log.warn(describeForeign([...foreign]))
  return missing.filter(reference => !foreign.has(reference))
}

function checkMissing(
  missing: readonly MissingReference[],
  names: Iterable<string>,
  { options, log }: PipelineSetup,
): void {
  if (missing.length === 0) return
  const existing = [...names]
  if (options.strict) throw missingError(missing, existing, rootsOf(options.finders))
  log.warn(
    `these references name files that no finder has, and stay as they are\n${describeMissing(missing, existing)}`,
  )
}

/** Static files that {@link prepare} made ready for the bundle. */
export class Prepared {
  readonly #setup: PipelineSetup
  readonly #collection: Collection
  readonly #hasher: Hasher | undefined
  /** All missing references, with those to names that the bundle did not bring. */
  readonly #missing: MissingReference[]
  readonly #release: () => Promise<void>
  /** The names by source; filled when they are first needed. */
  #names: ReadonlyMap<string, string> | undefined

  constructor(
    setup: PipelineSetup,
    collection: Collection,
    hashed: Hashed | undefined,
    release: () => Promise<void>,
  ) {
    this.#setup = setup
    this.#collection = collection
    this.#hasher = hashed?.hasher
    this.#missing = [...(hashed?.missing ?? [])]
    this.#release = release
  }

  /** The names of all collected files. */
  get names(): Iterable<string> {
    return this.#collection.own.keys()
  }

  /** Tells whether a collected file has a name. */
  has(name: string): boolean {
    return this.#collection.own.has(name)
  }

  /** The collected files, with their names in the static root. */
  get files(): { name: string; source: string; outputName: string }[] {
    return [...this.#collection.own.values()].map(file => {
      const { name, source } = file
      return { name, source, outputName: this.#outputNameOf(file) ?? name }
    })
  }

  /** All collected sources, and the sources that they shadow. */
  get sources(): string[] {
    return [...this.#collection.own.values()].flatMap(file => [
      file.source,
      ...file.shadowed.map(other => other.source),
    ])
  }

  /** Returns the name of a source in the static root, or `undefined` if it is not collected, or not named yet. */
  outputName(source: string): string | undefined {
    const { own } = this.#collection
    this.#names ??= new Map([...own.values()].map(file => [file.source, file.name]))
    const name = this.#names.get(source) ?? nameInLocations(source, this.#setup.options.finders)
    const file = name === undefined ? undefined : own.get(name)
    return file?.source === source ? this.#outputNameOf(file) : undefined
  }

  #outputNameOf({ name }: CollectedFile): string | undefined {
    return this.#hasher ? this.#hasher.files.get(name)?.hashedName : name
  }

  /** Returns all names that {@link Prepared.outputName} can return. */
  outputNames(): Set<string> {
    return new Set([...this.#collection.own.values()].map(file => this.#outputNameOf(file) ?? file.name))
  }

  /**
   * Takes what the bundler built, names the files that refer to it, and plans what comes into the static root. A bundler
   * with several outputs gets a plan for each.
   * @throws StaticFilesError if references are missing, or two files would get the same name
   */
  async finish(bundle: Bundle): Promise<BuildPlan> {
    const { all, own } = this.#collection
    const { options } = this.#setup
    this.#warnOfHiddenFiles(bundle)
    if (this.#hasher) await this.#hashRest(this.#hasher, bundle)
    const missing = [...this.#missing]
    const hashed = this.#hasher?.files
    return {
      ...makePlan({ options, collected: own, hasher: this.#hasher, bundle }),
      conflicts: conflicts(own.values()),
      missing,
      unminified: [...own.keys()].flatMap(name => hashed?.get(name)?.rewritten?.problem ?? []),
      inspection: hashed && { files: all, broken: missing },
    }
  }

  async #hashRest(hasher: Hasher, bundle: Bundle): Promise<void> {
    await hasher.run(bundle.paths)
    const missing = [...hasher.waiting()]
    this.#missing.push(...missing)
    checkMissing(missing, [...this.#collection.own.keys(), ...bundle.paths.keys()], this.#setup)
    await hasher.settle()
    this.#setup.caches.rewritten.save()
    checkHashedNames(hasher.files)
  }

  /** Lets the threads go. Call it when the static root is filled, or when the build ends early. */
  async end(): Promise<void> {
    await this.#release()
  }

  #warnOfHiddenFiles(bundle: Bundle): void {
    for (const name of bundle.paths.keys()) {
      const source = this.#collection.own.get(name)?.source
      if (source === undefined || bundle.consumed.has(source)) continue
      this.#setup.log.warn(`${source} is not published: the bundle makes a file of the same name, ${name}`)
    }
  }
}
