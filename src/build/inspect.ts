import { readFile } from 'node:fs/promises'
import { contains } from '../base/files/paths.ts'
import { positionOf } from '../base/text/position.ts'
import { type CollectedFile, collect } from '../finders/collect.ts'
import { type Entry, namesOfEntries } from '../finders/entries.ts'
import { analyse } from '../hash/analyse.ts'
import type { AnalysedFile } from '../hash/analysed-file.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import type { MissingReference } from '../references/missing.ts'
import { textOf } from '../references/parse.ts'
import type { ParseCache } from '../references/parse-cache.ts'
import { siblingsOf } from '../static-root/siblings/compress.ts'
import { isCompressible } from '../static-root/siblings/compressible.ts'

/** A reference from one collected file to another. */
export interface NamedReference {
  /** The file that holds it. */
  readonly from: string
  /** The name it refers to. */
  readonly to: string
  /** Where in the file, both from 1. */
  readonly line: number
  readonly column: number
}

/** All static files, and what they refer to. */
export interface Inspection {
  readonly files: ReadonlyMap<string, CollectedFile>
  /** In bytes, by name. */
  readonly sizes: ReadonlyMap<string, number>
  readonly references: readonly NamedReference[]
  /** References to names that no file has. */
  readonly broken: readonly MissingReference[]
  /** The broken references that are imports in scripts of installed packages, which do not fail a build. */
  readonly foreign: ReadonlySet<MissingReference>
}

/** Collects and reads all static files like a build, and changes nothing. */
export async function inspect(
  options: ResolvedOptions,
  entries: readonly Entry[],
  cache: ParseCache,
): Promise<Inspection> {
  const { finders, ignore, staticPath, js } = options
  const files = await collect(finders, { ignore, warn: () => {} })
  const bundled = new Set(namesOfEntries(entries))
  const analysis = await analyse(files, {
    staticPath,
    js,
    bundled,
    cache,
    css: 'preserve',
  })
  const analysed = [...analysis.files.values()]
  return {
    files,
    sizes: new Map(analysed.map(({ name, size }) => [name, size])),
    references: analysed.flatMap(namedReferences),
    broken: analysis.missing,
    foreign: analysis.foreign,
  }
}

function namedReferences(file: AnalysedFile): NamedReference[] {
  const named = (file.rewriting?.references ?? []).filter(({ name }) => name !== undefined)
  if (named.length === 0) return []
  const { text } = textOf(file)
  return named.map(({ name, reference }) => {
    return { from: file.name, to: name!, ...positionOf(text, reference.start) }
  })
}

/** Returns the folder that a source was found in. */
export function locationOf(source: string, { finders }: ResolvedOptions): string | undefined {
  return finders.flatMap(({ locations }) => locations).find(({ root }) => contains(root, source))?.root
}

/** Returns the siblings that a build would write beside a file: their sizes in bytes by suffix. */
export async function siblingSizes(
  { name, source }: CollectedFile,
  { compression }: ResolvedOptions,
): Promise<Record<string, number>> {
  if (!isCompressible(name, compression)) return {}
  const siblings = await siblingsOf(await readFile(source), compression)
  return Object.fromEntries(siblings.map(({ suffix, bytes }) => [suffix, bytes.length]))
}
