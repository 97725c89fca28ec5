import path from 'node:path'
import { hashFile } from '../../base/files/hash-file.ts'
import { contains, relativePath } from '../../base/files/paths.ts'
import { pathInPackages } from '../../base/installed.ts'
import { nearestNames } from '../../base/text/nearest-names.ts'
import type { CollectedFile } from '../../finders/collect.ts'
import { type Entry, namesOfEntries } from '../../finders/entries.ts'
import type { ResolvedOptions } from '../../options/resolve.ts'
import type { MissingReference } from '../../references/missing.ts'
import { ParseCache } from '../../references/parse-cache.ts'
import type { TemplateReference } from '../../references/templates/read.ts'
import { readManifest } from '../../static-root/manifest/manifest-file.ts'
import { type Inspection, inspect, locationOf } from '../inspect.ts'
import { typeOf } from './file-kinds.ts'
import { namesByHashedName, sizeOf } from './manifest-names.ts'
import type { Duplicate, Report, ReportedFile, ReportedPlace, Saving } from './report.ts'

/** What a report needs. */
export interface ReportInput {
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  readonly templates: readonly TemplateReference[]
  /** What a build has already found. */
  readonly inspection?: Inspected | undefined
}

type Inspected = Pick<Inspection, 'files' | 'broken'>

/**
 * Reads the static root, which a build has filled, and the sources of its files.
 * @throws StaticFilesError if there is no manifest, or the sources cannot be read
 */
export async function createReport({
  options,
  entries,
  templates,
  inspection,
}: ReportInput): Promise<Omit<Report, 'changes'>> {
  const { paths } = readManifest(path.resolve(options.staticRoot, options.manifest))
  const { files, broken } = inspection ?? (await inspect(options, entries, new ParseCache()))
  const built = new Set(entries.flatMap(({ name, builtName }) => [name, builtName]))
  const collected = new Map([...files].filter(([name]) => !built.has(name)))
  const reported = [...namesByHashedName(paths)]
    .map(([hashedName, name]) => describeFile(name, hashedName, collected, options))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const names = [...paths.keys(), ...namesOfEntries(entries)]
  const existing = new Set(names)
  const shown = (source: string) => shownPath(source, options.root)
  const place = (reference: MissingReference) => describePlace(reference, names, shown)
  const duplicates = findDuplicates(reported, options.staticRoot)
  return {
    createdAt: new Date().toISOString(),
    staticRoot: shown(options.staticRoot),
    files: reported,
    duplicates,
    shadowed: [...files.values()]
      .filter(({ shadowed }) => shadowed.length > 0)
      .map(({ name, source, shadowed }) => ({
        name,
        source: shown(source),
        hides: shadowed.map(other => ({ source: shown(other.source), identical: other.identical })),
      })),
    broken: broken.map(place),
    templates: templates.filter(({ name }) => !existing.has(name)).map(place),
    savings: findSavings(reported, duplicates),
  }
}

/** Returns a path relative to the root, or to the folder where packages are installed. */
function shownPath(source: string, root: string): string {
  const installed = pathInPackages(source)
  if (installed !== undefined) return installed
  return contains(root, source) ? relativePath(root, source) : source
}

function describeFile(
  name: string,
  hashedName: string,
  files: ReadonlyMap<string, CollectedFile>,
  options: ResolvedOptions,
): ReportedFile {
  const source = files.get(name)?.source
  const location = source === undefined ? undefined : locationOf(source, options)
  const raw = sizeOf(options.staticRoot, hashedName) ?? 0
  return {
    name,
    hashedName,
    type: typeOf(hashedName),
    raw,
    location: location !== undefined ? shownPath(location, options.root) : 'bundled',
    gzip: sizeOf(options.staticRoot, `${hashedName}.gz`) ?? raw,
    brotli: sizeOf(options.staticRoot, `${hashedName}.br`) ?? raw,
  }
}

/** Compares bytes, not the hashes in names: not every name has a hash, and the files of a cycle share one. */
function findDuplicates(files: readonly ReportedFile[], staticRoot: string): Duplicate[] {
  const candidates = files.filter(({ location, raw }) => location !== 'bundled' && raw > 0)
  const groups = groupsBy(candidates, ({ raw }) => String(raw))
  return groups
    .flatMap(group => groupsBy(group, file => hashFile(path.join(staticRoot, file.hashedName))))
    .map(group => ({ names: group.map(({ name }) => name), size: group[0]!.raw }))
    .sort((one, other) => wasted(other) - wasted(one))
}

/** Returns the groups of more than one item. */
function groupsBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()].filter(group => group.length > 1)
}

function wasted({ names, size }: Duplicate): number {
  return (names.length - 1) * size
}

/** In bytes: less than this is not worth a line. */
const TRIFLE = 1000
const LARGE_IMAGE = 200_000

function findSavings(files: readonly ReportedFile[], duplicates: readonly Duplicate[]): Saving[] {
  const copies = duplicates.map(duplicate => ({
    name: duplicate.names[0]!,
    bytes: wasted(duplicate),
    advice: `refer to one of ${duplicate.names.length} equal files`,
  }))
  const single = files.flatMap(file => savingsOf(file))
  return [...copies, ...single]
    .filter(({ bytes }) => bytes >= TRIFLE)
    .sort((one, other) => other.bytes - one.bytes)
}

function savingsOf({ name, type, raw, brotli, gzip }: ReportedFile): Saving[] {
  if (type === 'Source maps') {
    return [
      {
        name,
        bytes: raw,
        advice: 'a source map: nobody but developers loads it; leave it out with `ignore`',
      },
    ]
  }
  if (type === 'Images' && raw > LARGE_IMAGE && !name.endsWith('.svg')) {
    return [{ name, bytes: Math.round(raw / 2), advice: 'a large image: about half as AVIF or WebP' }]
  }
  const compressible = ['Stylesheets', 'Scripts', 'Data and text'].includes(type)
  if (compressible && Math.min(brotli, gzip) === raw && raw > LARGE_IMAGE) {
    return [{ name, bytes: Math.round((raw * 3) / 4), advice: 'has no compressed sibling: see `compress`' }]
  }
  return []
}

function describePlace(
  { source, line, column, url, name }: MissingReference,
  names: readonly string[],
  shown: (source: string) => string,
): ReportedPlace {
  return {
    source: shown(source),
    line,
    column,
    url,
    nearest: name === undefined ? [] : nearestNames(name, names),
  }
}
