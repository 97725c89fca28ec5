import { type StoredFile, versionsOf } from '../base/stored-file.ts'
import type { CollectedFile } from '../finders/collect.ts'
import { needsBundler } from '../finders/entries.ts'
import type { Hasher } from '../hash/hasher.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import type { MissingReference } from '../references/missing.ts'
import { type ManifestContent, manifestHash } from '../static-root/manifest/manifest-file.ts'
import { hashedOutput, type OutputFile, plainOutput, versionedOutput } from '../static-root/output-file.ts'
import type { Plan } from '../static-root/plan.ts'
import type { SiblingReport } from '../static-root/siblings/write-siblings.ts'
import type { Inspection } from './inspect.ts'

/** What a plan needs. */
export interface PlanInput {
  readonly options: Pick<ResolvedOptions, 'hash' | 'keepUnhashed'>
  readonly collected: ReadonlyMap<string, CollectedFile>
  /** `undefined` without `hash`, because then no file is read. */
  readonly hasher: Hasher | undefined
  readonly bundle: Bundle
}

/** Decides which files come into the static root, under which names. */
export function makePlan(input: PlanInput): Plan {
  const collected = [...input.collected.values()].filter(file => !isReplaced(file, input))
  const outputs = collected.flatMap(file => outputsOf(file, input))
  const { paths, versions } = manifestContent(collected, input)
  const bundled = input.bundle.files
  const outputsByName = new Map<string, OutputFile>()
  for (const output of outputs) for (const name of output.names) outputsByName.set(name, output)
  const files = [...outputsByName.keys(), ...bundled.filter(name => !outputsByName.has(name))]
  const hash = manifestHash(paths, versions)
  return { collected, outputs, outputsByName, bundled, files, paths, versions, manifestHash: hash }
}

/** Tells whether a file is built into the bundle and of no use beside it. A file that others refer to is kept. */
function isReplaced({ name, source }: CollectedFile, { hasher, bundle }: PlanInput): boolean {
  if (hasher?.referenced.has(name)) return false
  return bundle.paths.has(name) || (bundle.consumed.has(source) && needsBundler(source))
}

function outputsOf(file: CollectedFile, { options, hasher, bundle }: PlanInput): OutputFile[] {
  if (!hasher) return [plainOutput(file)]
  const hashed = hasher.files.get(file.name)!
  if (options.hash === 'query') return [versionedOutput(hashed, bundle.shared.has(hashed.hashedName))]
  return hashedOutput(hashed, options.keepUnhashed)
}

/** Returns what the manifest says. Bundled files win over collected ones of the same name, as if found earlier. */
function manifestContent(
  collected: readonly CollectedFile[],
  { options, hasher, bundle }: PlanInput,
): Pick<ManifestContent, 'paths' | 'versions'> {
  const stored = new Map<string, StoredFile>()
  for (const { name } of collected) stored.set(name, hasher ? hasher.files.get(name)!.stored : { name })
  for (const [name, file] of bundle.paths) stored.set(name, file)
  const paths = new Map<string, string>()
  for (const [name, file] of stored) paths.set(name, file.name)
  return { paths, versions: options.hash === 'query' ? versionsOf(stored) : undefined }
}

/** A plan, and what was found while it was made. */
export interface BuildPlan extends Plan {
  readonly conflicts: readonly CollectedFile[]
  readonly missing: readonly MissingReference[]
  /** The stylesheets that are rewritten but not minified, each with its path and the reason. */
  readonly unminified: readonly string[]
  /** All files, entries too, and all broken references; `undefined` without `hash`, because then no file is read. */
  readonly inspection: Pick<Inspection, 'files' | 'broken'> | undefined
}

/** What one build did. */
export interface BuildResult extends BuildPlan {
  /** `undefined` in a dry run. */
  readonly siblings: SiblingReport | undefined
}

/** What the bundler built. */
export interface Bundle {
  /** The names below the static root of the output files that get siblings. */
  readonly files: readonly string[]
  /** Manifest entries: a name and what it is stored as. */
  readonly paths: ReadonlyMap<string, StoredFile>
  /** The hashed names of collected files that the bundle refers to. */
  readonly shared: ReadonlySet<string>
  /** The absolute paths of the sources that the bundler read. */
  readonly consumed: ReadonlySet<string>
}
