import { rmSync } from 'node:fs'
import path from 'node:path'
import { filesBelow, removeTemporaries } from '../base/files/files-below.ts'
import { pathsIn } from '../base/files/paths.ts'
import { giveMode } from '../base/files/stat.ts'
import type { PipelineLog } from '../base/log.ts'
import { keepThreads } from '../base/threads.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { earlierBuild } from './earlier-build.ts'
import { earlierIndex, INDEX } from './index/index-file.ts'
import { type BuildFacts, writeIndex } from './index/make-index.ts'
import { integrityOf } from './integrity.ts'
import { writeManifest } from './manifest/manifest.ts'
import type { Plan } from './plan.ts'
import { compress } from './siblings/compressor.ts'
import { placeCached } from './siblings/place-cached.ts'
import { SiblingCache } from './siblings/sibling-cache.ts'
import { type CompressedFile, type SiblingReport, writeSiblings } from './siblings/write-siblings.ts'
import { writeFiles } from './write.ts'

/** Where the files go, and how. */
export interface FillSetup {
  readonly options: ResolvedOptions
  /** The absolute path, as the bundler says it. */
  readonly staticRoot: string
  /** Vite's `cacheDir`. */
  readonly cacheDir: string
  readonly log: PipelineLog
}

/** Fills the static root: writes all files, their siblings, the index, and the manifest last. */
export async function fill(plan: Plan, setup: FillSetup): Promise<SiblingReport> {
  const release = keepThreads()
  try {
    return await writePlan(plan, setup)
  } finally {
    await release()
  }
}

async function writePlan(plan: Plan, setup: FillSetup): Promise<SiblingReport> {
  const { options, staticRoot, log } = setup
  const { outputs, bundled } = plan
  log.progress(`writing ${outputs.length} static files`)
  const existing = filesBelow(staticRoot)
  removeTemporaries(existing)
  for (const file of bundled.map(pathsIn(staticRoot))) giveMode(file, options.fileMode)
  const index = earlierIndex(staticRoot)
  const earlier = earlierBuild(index, outputs)
  await writeFiles(outputs, { ...options, staticRoot, existing, earlier })
  const siblings = await writeAllSiblings(plan, existing, setup)
  await writeNames(plan, { existing, earlierIndex: index, siblings: siblings.sizes }, setup)
  return siblings
}

async function writeAllSiblings(
  { outputs, bundled }: Plan,
  existing: ReadonlySet<string>,
  { options, staticRoot, cacheDir, log }: FillSetup,
): Promise<SiblingReport> {
  const below = pathsIn(staticRoot)
  const { compression, hash: isHashed, fileMode } = options
  function* files(): Generator<CompressedFile> {
    for (const name of bundled) yield { contentHash: undefined, targets: [below(name)] }
    for (const { hash, size, names } of outputs) {
      const targets = names.map(below)
      yield isHashed ? { contentHash: hash, size, targets } : { contentHash: undefined, targets }
    }
  }
  const folder = cacheFolder(options, cacheDir)
  const cache = folder && new SiblingCache(folder, compression, message => log.warn(message))
  const { encodings, levels, maxRatio } = compression
  const report = await writeSiblings(files(), compression, {
    existing,
    fileMode,
    onProgress: (done, total) => log.progress(`compressing ${Math.floor((100 * done) / total)} %`),
    ...(folder && {
      placeCached: (contents, places) => placeCached(contents, places, { folder, compression, fileMode }),
    }),
    siblingsFor: async (contentHash, read) => {
      const siblings = await compress(await read(), { encodings, levels, maxRatio })
      if (cache) await cache.set(contentHash, siblings)
      return siblings
    },
  })
  if (cache) cache.evict()
  return report
}

function cacheFolder({ compression, root }: ResolvedOptions, cacheDir: string): string | undefined {
  const { cache, encodings } = compression
  if (cache === false || encodings.length === 0) return undefined
  return cache === true ? path.join(cacheDir, 'staticfiles/siblings') : path.resolve(root, cache)
}

/** Writes what others look up names in; last, when all files with these names exist. */
async function writeNames(
  { outputsByName, paths, versions, manifestHash }: Plan,
  found: Pick<BuildFacts, 'existing' | 'earlierIndex' | 'siblings'>,
  { options, staticRoot }: FillSetup,
): Promise<void> {
  const { manifest, fileMode, hash, integrity } = options
  const digests = integrity ? integrityOf(new Set(paths.values()), staticRoot) : undefined
  const index = path.join(staticRoot, INDEX)
  // Without `hash` files are copied unread, so that there are no hashes for an index.
  if (!hash) rmSync(index, { force: true })
  else {
    const build = { manifest, paths, manifestHash, outputsByName }
    writeIndex(staticRoot, { ...build, ...found })
    giveMode(index, fileMode)
  }
  const file = path.resolve(staticRoot, manifest)
  await writeManifest(file, paths, { integrity: digests, versions })
  giveMode(file, fileMode)
}
