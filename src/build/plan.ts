import { type StoredFile, versionsOf } from '../base/stored-file.ts'
import type { CollectedFile } from '../finders/collect.ts'
import { needsBundler } from '../finders/entries.ts'
import type { Hasher } from '../hash/hasher.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { type ManifestContent, manifestHash } from '../static-root/manifest/manifest-file.ts'
import { hashedOutput, type OutputFile, plainOutput, versionedOutput } from '../static-root/output-file.ts'
import type { Plan } from '../static-root/plan.ts'

/** What a plan is made from. */
export interface Planned {
  readonly options: Pick<ResolvedOptions, 'hash' | 'keepUnhashed'>
  readonly collected: ReadonlyMap<string, CollectedFile>
  readonly hasher: Hasher
  readonly bundle: Bundle
}

/** Decides what is published, under which names. */
export function makePlan(planned: Planned): Plan {
  const published = [...planned.collected.values()].filter(file => !isReplaced(file, planned))
  const outputs = published.flatMap(file => outputsOf(file, planned))
  const { paths, versions } = manifestContent(published, planned)
  const bundled = planned.bundle.files
  const written = new Map<string, OutputFile>()
  for (const output of outputs) for (const name of output.names) written.set(name, output)
  const files = [...written.keys(), ...bundled.filter(name => !written.has(name))]
  const hash = manifestHash(paths, versions)
  return { published, outputs, written, bundled, files, paths, versions, manifestHash: hash }
}

/** Built into the bundle and of no use beside it; what another file refers to is kept. */
function isReplaced({ name, source }: CollectedFile, { hasher, bundle }: Planned): boolean {
  if (hasher.referenced.has(name)) return false
  return bundle.paths.has(name) || (bundle.consumed.has(source) && needsBundler(source))
}

function outputsOf(file: CollectedFile, { options, hasher, bundle }: Planned): OutputFile[] {
  if (!options.hash) return [plainOutput(file)]
  const hashed = hasher.files.get(file.name)!
  if (options.hash === 'query') return [versionedOutput(hashed, bundle.shared.has(hashed.hashedName))]
  return hashedOutput(hashed, options.keepUnhashed)
}

/** What the bundler made comes before a collected file of the same name, as an earlier finder would. */
function manifestContent(
  published: readonly CollectedFile[],
  { options, hasher, bundle }: Planned,
): Pick<ManifestContent, 'paths' | 'versions'> {
  const stored = new Map<string, StoredFile>()
  for (const { name } of published) stored.set(name, options.hash ? hasher.files.get(name)!.stored : { name })
  for (const [name, file] of bundle.paths) stored.set(name, file)
  const paths = new Map<string, string>()
  for (const [name, file] of stored) paths.set(name, file.name)
  return { paths, versions: options.hash === 'query' ? versionsOf(stored) : undefined }
}

/** What the bundler made. */
export interface Bundle {
  /** The output files that are to have siblings, below the static root. */
  readonly files: readonly string[]
  /** Manifest entries: a name and what it is stored as. */
  readonly paths: ReadonlyMap<string, StoredFile>
  /** The hashed names of collected files that it refers to. */
  readonly shared: ReadonlySet<string>
  /** The absolute paths of the sources it read. */
  readonly consumed: ReadonlySet<string>
}
