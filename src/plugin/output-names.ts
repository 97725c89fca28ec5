import { createHash } from 'node:crypto'
import path from 'node:path'
import { splitExtension } from '../base/names.ts'
import { type Entry, isStylesheet } from '../finders/entries.ts'
import { tableOf, withoutQuery } from './entries/entry-table.ts'
import { type UniqueNames, uniqueNames, withoutPlaceholders } from './entries/unique-names.ts'

/** What Rollup and Rolldown say about a chunk when they ask for its name. */
interface Chunk {
  readonly name: string
  readonly facadeModuleId?: string | null
  readonly moduleIds: readonly string[]
}

/** What Rollup and Rolldown say about an asset when they ask for its name. */
interface Asset {
  readonly names: readonly string[]
  readonly originalFileNames: readonly string[]
  readonly source: string | Uint8Array
}

/** What the names of output files depend on. It is read when the bundler asks for a name. */
export interface Naming {
  readonly root: string
  /** The folder of files without a static name: Vite's `build.assetsDir`. */
  readonly assetsDir: string
  readonly hash: boolean
  readonly entries: readonly Entry[]
  /** Returns the static name of a source in a location. */
  nameOf(source: string): string | undefined
  /** Returns the name of a collected source in the static root. */
  collectedName(source: string): string | undefined
  /** Whether a collected file has a static name. */
  isCollected(name: string): boolean
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
 * because WhiteNoise treats a file as immutable only if the manifest maps that name to the file.
 */
export function outputNames(naming: Naming): OutputNames {
  const unique = uniqueNames()
  const reserve = () => reserveNames(naming.entries, unique)
  const hash = () => (naming.hash ? '.[hash:12]' : '')
  const inAssets = (name: string) =>
    inFolder(naming.assetsDir, splitExtension(path.posix.basename(name)).stem)

  /** Numbers names in `build.assetsDir` that files have, which may be the static root itself. */
  const uniqueAsset: typeof unique = (stem, extension, key) =>
    unique(stem, extension, key, naming.isCollected)

  /** Without hashes a chunk cannot have the name of a collected script, which other files may load. */
  const isNeeded = (name: string) => !naming.hash && naming.isCollected(`${splitExtension(name).stem}.js`)

  function chunkName({ name, facadeModuleId, moduleIds }: Chunk): string {
    reserve()
    const table = tableOf(naming.entries)
    const entry = table.ofModule(facadeModuleId)
    const script = entry && table.scriptName(entry)
    if (script !== undefined) return `${splitExtension(script).stem}${hash()}.js`
    const facade = withoutQuery(facadeModuleId ?? '')
    const key = facade || moduleIds.join('\0')
    const known = entry ? undefined : naming.nameOf(facade)
    const own =
      known === undefined || isStylesheet(known) || isNeeded(known) ? undefined : splitExtension(known).stem
    const stem = own === undefined ? uniqueAsset(inAssets(`${name}.js`), '.js', key) : unique(own, '.js', key)
    return `${stem}${hash()}.js`
  }

  /** Vite 6 and 7 ask for the folder of a stylesheet by its name alone. */
  function stylesheetName(name: string, source: string | undefined, content: string | Uint8Array): string {
    reserve()
    const table = tableOf(naming.entries)
    const entry = source === undefined ? table.ofInput(splitExtension(name).stem) : table.ofSource(source)
    const stem = entry ? splitExtension(table.sheetName(entry)).stem : inAssets(name)
    if (content === ASKS_FOR_FOLDER) return `${withoutPlaceholders(stem)}.css`
    const key = entry?.source ?? source ?? contentKey(content)
    return `${(entry ? unique : uniqueAsset)(stem, '.css', key)}${hash()}.css`
  }

  function assetName({ names, originalFileNames, source: content }: Asset): string {
    const [name = 'asset'] = names
    const [original] = originalFileNames
    const source = original === undefined ? undefined : path.resolve(naming.root, original)
    const { extension } = splitExtension(name)
    if (extension === '.css') return stylesheetName(name, source, content)
    const collected = source === undefined ? undefined : naming.collectedName(source)
    if (collected !== undefined && withoutPlaceholders(collected) === collected) return collected
    return `${uniqueAsset(inAssets(name), extension, source ?? contentKey(content))}${hash()}${extension}`
  }

  return {
    hashCharacters: 'hex',
    entryFileNames: chunkName,
    chunkFileNames: chunkName,
    assetFileNames: assetName,
  }
}

/** Reserves the names of entries first, so that nothing else takes them. */
function reserveNames(entries: readonly Entry[], unique: UniqueNames): void {
  const table = tableOf(entries)
  for (const entry of table.inputs) {
    for (const name of [table.scriptName(entry), table.sheetName(entry)]) {
      if (name === undefined) continue
      const { stem, extension } = splitExtension(name)
      unique(stem, extension, entry.source)
    }
  }
}

/** The content of the asset that Vite invents to learn a folder. */
const ASKS_FOR_FOLDER = '/* vite internal call, ignore */'

function contentKey(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex')
}

/** Returns the path of a file in `build.assetsDir`, which may be empty or start with `./`. */
export function inFolder(folder: string, name: string): string {
  return path.posix.join(folder, name)
}
