import { createHash } from 'node:crypto'
import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { splitExtension } from '../base/names.ts'
import type { Entry } from '../finders/entries.ts'

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
  const inAssets = (name: string) => `${naming.assetsDir}/${splitExtension(path.posix.basename(name)).stem}`

  function chunkName({ name, facadeModuleId, moduleIds }: Chunk): string {
    const facade = withoutQuery(facadeModuleId ?? '')
    const known = naming.entries.find(entry => entry.source === facade)?.builtName ?? naming.nameOf(facade)
    const stem = known === undefined ? inAssets(`${name}.js`) : splitExtension(known).stem
    return `${unique(stem, '.js', facade || moduleIds.join('\0'))}${hash()}.js`
  }

  /** Vite asks for the folder of a stylesheet by its name alone, so that must not depend on anything else. */
  function stylesheetName(name: string, source: string | undefined): string {
    const entry = naming.entries.find(each => stylesheetKey(each) === name)
    const stem = entry ? splitExtension(entry.name).stem : inAssets(name)
    if (source === undefined) return `${stem}${hash()}.css`
    const own = unique(stem, '.css', source)
    if (entry && own !== stem) throw clash(entry, naming.entries)
    return `${own}${hash()}.css`
  }

  function assetName({
    names: [name = 'asset'],
    originalFileNames: [original],
    source: content,
  }: Asset): string {
    const source = original === undefined ? undefined : path.resolve(naming.root, original)
    const { extension } = splitExtension(name)
    if (extension === '.css') return stylesheetName(name, source)
    const collected = source === undefined ? undefined : naming.collectedName(source)
    if (collected !== undefined && withoutBrackets(collected) === collected) return collected
    const key = source ?? createHash('md5').update(content).digest('hex')
    return `${unique(inAssets(name), extension, key)}${hash()}${extension}`
  }

  return {
    hashCharacters: 'hex',
    entryFileNames: chunkName,
    chunkFileNames: chunkName,
    assetFileNames: assetName,
  }
}

/**
 * The name of an entry among the bundler's inputs. It has no slash, because Vite names the stylesheet of a script by
 * the last segment alone.
 */
export function inputName({ name }: Entry): string {
  return name.replaceAll('/', '-')
}

/** What Vite calls the stylesheet of an entry. */
function stylesheetKey(entry: Entry): string {
  return `${splitExtension(inputName(entry)).stem}.css`
}

function clash({ name }: Entry, entries: readonly Entry[]): StaticFilesError {
  const { stem } = splitExtension(name)
  const both = entries.filter(entry => splitExtension(entry.name).stem === stem).map(entry => entry.name)
  return new StaticFilesError(
    `${both.join(' and ')} both make ${stem}.css: rename one of them, or import the stylesheet from the script alone`,
  )
}

/** In a file name pattern they enclose a placeholder. */
function withoutBrackets(name: string): string {
  return name.replace(/[[\]]/gu, '_')
}

/** Numbers names that come twice for different things, in the order in which the bundler asks. */
function uniqueNames(): (stem: string, extension: string, key: string) => string {
  const keys = new Map<string, string>()
  return (stem, extension, key) => {
    for (let number = 1; ; number++) {
      const name = withoutBrackets(number === 1 ? stem : `${stem}-${number}`)
      const owner = keys.get(name + extension)
      if (owner !== undefined && owner !== key) continue
      keys.set(name + extension, key)
      return name
    }
  }
}

/** `/src/App.vue?vue&type=style` → `/src/App.vue` */
export function withoutQuery(id: string): string {
  return id.replace(/[?#].*$/u, '')
}
