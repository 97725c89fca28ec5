import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Entry } from '../entries.ts'
import { splitExtension } from '../names.ts'

/** What Rollup and Rolldown tell of a chunk whose name they ask for. */
interface Chunk {
  readonly name: string
  readonly facadeModuleId?: string | null
  readonly moduleIds: readonly string[]
}

/** What Rollup and Rolldown tell of an asset whose name they ask for. */
interface Asset {
  readonly names: readonly string[]
  readonly originalFileNames: readonly string[]
  readonly source: string | Uint8Array
}

/** What the names of output files depend on; it is read when the bundler asks for a name. */
export interface Naming {
  readonly root: string
  /** The folder for what has no static name: Vite's `build.assetsDir`. */
  readonly assetsDir: string
  readonly hash: boolean
  readonly entries: readonly Entry[]
  /** The static name of a source that lies in a location. */
  nameOf(source: string): string | undefined
  /** The name in the static root of a source that is collected. */
  collectedName(source: string): string | undefined
}

/** The options of Rollup and Rolldown that name output files. */
export interface OutputNames {
  readonly hashCharacters: 'hex'
  entryFileNames(chunk: Chunk): string
  chunkFileNames(chunk: Chunk): string
  assetFileNames(asset: Asset): string
}

/**
 * Names what the bundler makes as Django would: `polls/app.3f9a5eb63bbb.js`. Without its hash no name occurs twice,
 * because WhiteNoise takes a file for immutable only where that name is the file's own in the manifest.
 */
export function outputNames(naming: Naming): OutputNames {
  const unique = uniqueNames()
  const hash = () => (naming.hash ? '.[hash:12]' : '')
  const builtName = (source: string) => naming.entries.find(entry => entry.source === source)?.builtName
  const inAssets = (name: string) => `${naming.assetsDir}/${path.posix.basename(name)}`

  function chunkName({ name, facadeModuleId, moduleIds }: Chunk): string {
    const facade = withoutQuery(facadeModuleId ?? '')
    const wanted = builtName(facade) ?? naming.nameOf(facade) ?? `${inAssets(name)}.js`
    return `${unique(splitExtension(wanted).stem, '.js', facade || moduleIds.join('\0'))}${hash()}.js`
  }

  function assetName({
    names: [name = 'asset'],
    originalFileNames: [original],
    source: content,
  }: Asset): string {
    const source = original === undefined ? undefined : path.resolve(naming.root, original)
    const { extension } = splitExtension(name)
    // The asset of a script or of a stylesheet to compile is the stylesheet made of it, not the file itself.
    if (source !== undefined && extension === splitExtension(source).extension) {
      const collected = naming.collectedName(source)
      if (collected !== undefined && !BRACKETS.test(collected)) return collected
    }
    const wanted =
      source !== undefined && extension === '.css' ? (builtName(source) ?? naming.nameOf(source)) : undefined
    const key = source ?? createHash('md5').update(content).digest('hex')
    return `${unique(splitExtension(wanted ?? inAssets(name)).stem, extension, key)}${hash()}${extension}`
  }

  return {
    hashCharacters: 'hex',
    entryFileNames: chunkName,
    chunkFileNames: chunkName,
    assetFileNames: assetName,
  }
}

/** In a file name pattern they enclose a placeholder. */
const BRACKETS = /[[\]]/gu

/** Numbers names that come twice for different things, in the order in which the bundler asks. */
function uniqueNames(): (stem: string, extension: string, key: string) => string {
  const keys = new Map<string, string>()
  return (stem, extension, key) => {
    for (let number = 1; ; number++) {
      const name = number === 1 ? stem : `${stem}-${number}`
      const owner = keys.get(name + extension)
      if (owner !== undefined && owner !== key) continue
      keys.set(name + extension, key)
      return name.replace(BRACKETS, '_')
    }
  }
}

/** `/src/App.vue?vue&type=style` → `/src/App.vue` */
export function withoutQuery(id: string): string {
  return id.replace(/[?#].*$/u, '')
}
