import { rmSync } from 'node:fs'
import path from 'node:path'
import { SiblingCache } from './cache.ts'
import { siblingsOf } from './compress.ts'
import { giveMode } from './file-mode.ts'
import { filesBelow, removeTemporaries } from './files-below.ts'
import { INDEX } from './index-file.ts'
import { integrityOf } from './integrity.ts'
import { type KnownFiles, writeIndex } from './make-index.ts'
import { writeManifest } from './manifest.ts'
import { type ManifestContent, manifestHash } from './manifest-file.ts'
import type { PipelineLog } from './pipeline.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { type SiblingReport, writeSiblings } from './siblings.ts'
import { endThreads } from './threads.ts'
import { type OutputFile, writeFiles } from './write.ts'

/** What goes into a static root. */
export interface Publication extends Pick<ManifestContent, 'paths' | 'versions'> {
  /** The collected files. */
  readonly outputs: readonly OutputFile[]
  /** The files of the bundler, which has written them: names below the static root. */
  readonly bundled: readonly string[]
}

/** Where it goes, and how. */
export interface PublishSetup {
  readonly options: ResolvedOptions
  /** The bundler's word for it: an absolute path. */
  readonly staticRoot: string
  /** Vite's. */
  readonly cacheDir: string
  readonly log: PipelineLog
}

/** Writes all files, their siblings, the index, and the manifest last. */
export async function publish(publication: Publication, setup: PublishSetup): Promise<SiblingReport> {
  const { options, staticRoot, log } = setup
  const { outputs, bundled } = publication
  log.progress(`writing ${outputs.length} static files`)
  const existing = await filesBelow(staticRoot)
  removeTemporaries(existing)
  for (const file of bundled) giveMode(path.join(staticRoot, file), options.fileMode)
  await writeFiles(outputs, { ...options, staticRoot, existing }).finally(endThreads)
  const siblings = await compress(publication, existing, setup)
  await publishNames(publication, { existing, siblings: siblings.sizes }, setup)
  return siblings
}

async function compress(
  { outputs, bundled }: Publication,
  existing: ReadonlySet<string>,
  { options, staticRoot, cacheDir, log }: PublishSetup,
): Promise<SiblingReport> {
  const below = (name: string) => path.join(staticRoot, name)
  const { compression, hash: isHashed, fileMode } = options
  const files = bundled.map(name => {
    return { contentHash: undefined, source: below(name), targets: [below(name)] }
  })
  const collected = outputs.map(({ hash, content, size, names }) => ({
    ...(isHashed ? { contentHash: hash, size } : { contentHash: undefined }),
    source: content,
    targets: names.map(below),
  }))
  const cache = siblingCache(options, cacheDir, message => log.warn(message))
  const report = await writeSiblings([...files, ...collected], compression, {
    existing,
    fileMode,
    onProgress: (done, total) => log.progress(`compressing ${Math.floor((100 * done) / total)} %`),
    siblingsFor: async (contentHash, read) => {
      const known = cache?.get(contentHash)
      if (known) return known
      const siblings = await siblingsOf(await read(), compression)
      await cache?.set(contentHash, siblings)
      return siblings
    },
  })
  await cache?.evict()
  return report
}

function siblingCache(
  { compression, root }: ResolvedOptions,
  cacheDir: string,
  warn: (message: string) => void,
): SiblingCache | undefined {
  if (compression.cache === false || compression.encodings.length === 0) return undefined
  const folder =
    compression.cache === true
      ? path.join(cacheDir, 'staticfiles/siblings')
      : path.resolve(root, compression.cache)
  return new SiblingCache(folder, compression, warn)
}

/** What others look names up in: after all that the names stand for. */
async function publishNames(
  { outputs, paths, versions }: Publication,
  found: Pick<KnownFiles, 'existing' | 'siblings'>,
  { options, staticRoot }: PublishSetup,
): Promise<void> {
  const { manifest, fileMode, hash, integrity } = options
  const digests = integrity ? await integrityOf(new Set(paths.values()), staticRoot) : undefined
  const index = path.join(staticRoot, INDEX)
  // Files that keep their bytes and names are copied unread.
  if (!hash) rmSync(index, { force: true })
  else {
    const written = new Map(outputs.flatMap(file => file.names.map(name => [name, file] as const)))
    const known = { manifest, paths, manifestHash: manifestHash(paths, versions), written }
    await writeIndex(staticRoot, { ...known, ...found })
    giveMode(index, fileMode)
  }
  const file = path.resolve(staticRoot, manifest)
  await writeManifest(file, paths, { integrity: digests, versions })
  giveMode(file, fileMode)
}
