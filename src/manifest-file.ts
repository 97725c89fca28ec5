import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StaticFilesError } from './errors.ts'
import { pythonJsonString, sortByCodePoint } from './python-json.ts'
import { replaceFile } from './replace-file.ts'
import { withVersion } from './version.ts'

/** Names and their hashed names, in any order. */
export type ManifestPaths = ReadonlyMap<string, string> | Readonly<Record<string, string>>

/** What a manifest file says. */
export interface ManifestContent {
  paths: ReadonlyMap<string, string>
  hash: string
  /** By hashed name; `undefined` where the manifest has none. */
  integrity?: ReadonlyMap<string, string> | undefined
  /** By name; `undefined` where names carry the hashes. */
  versions?: ReadonlyMap<string, string> | undefined
}

/** What a manifest may say besides: Django ignores keys that it does not know. */
export type ManifestExtras = Pick<ManifestContent, 'integrity' | 'versions'>

/**
 * The text of a manifest, byte for byte as Django 6.1 writes it
 * ({@link https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#manifeststaticfilesstorage ManifestStaticFilesStorage}).
 */
export function manifestText(paths: ManifestPaths, extras: ManifestExtras = {}): string {
  return serialize(paths, extras).text
}

/**
 * The `hash` that a manifest of these names has: Django's `manifest_hash`, except that names without a hash count with
 * their versions.
 */
export function manifestHash(paths: ManifestPaths, versions?: ReadonlyMap<string, string>): string {
  return hashOf(versions ? versionedPairs(paths, versions) : pairsOf(paths))
}

/**
 * Writes a manifest in one step, so that a reader sees the old one or the new one and never a part; the folder is
 * created where it is missing.
 * @returns the manifest's hash
 * @throws {@link StaticFilesError} if the file cannot be written
 */
export async function writeManifest(
  file: string,
  paths: ManifestPaths,
  extras: ManifestExtras = {},
): Promise<string> {
  const { text, hash } = serialize(paths, extras)
  try {
    await mkdir(dirname(file), { recursive: true })
    await replaceFile(file, temporary => writeFile(temporary, text, { flag: 'wx' }))
  } catch (cause) {
    throw new StaticFilesError(`cannot write the manifest ${file}: ${reason(cause)}`, { cause })
  }
  return hash
}

/**
 * Reads a manifest of Django's versions 1.0 and 1.1.
 * @throws {@link StaticFilesError} if there is none, or none that can be read
 */
export function readManifest(file: string): ManifestContent {
  const content = parse(file, readText(file))
  const { version, paths = {}, hash = '', integrity, versions } = isRecord(content) ? content : {}
  if (version !== '1.0' && version !== '1.1') {
    throw unreadable(file, `its version is ${JSON.stringify(version) ?? 'missing'}, not "1.0" or "1.1"`)
  }
  if (!isRecord(paths) || !Object.values(paths).every(path => typeof path === 'string')) {
    throw unreadable(file, 'its "paths" are not an object of strings')
  }
  return {
    paths: new Map(Object.entries(paths as Record<string, string>)),
    hash: String(hash),
    ...(isRecord(integrity) && { integrity: new Map(Object.entries(integrity as Record<string, string>)) }),
    ...(isRecord(versions) && { versions: new Map(Object.entries(versions as Record<string, string>)) }),
  }
}

/** Sorted by name, both as JSON. */
type Pairs = readonly (readonly [name: string, value: string])[]

function serialize(
  paths: ManifestPaths,
  { integrity, versions }: ManifestExtras,
): { text: string; hash: string } {
  const pairs = pairsOf(paths)
  const hash = hashOf(versions ? versionedPairs(paths, versions) : pairs)
  const members = [
    `"paths": ${jsonObject(pairs)}, "version": "1.1", "hash": "${hash}"`,
    ...(integrity ? [`"integrity": ${jsonObject(pairsOf(integrity))}`] : []),
    ...(versions ? [`"versions": ${jsonObject(pairsOf(versions))}`] : []),
  ]
  return { text: `{${members.join(', ')}}`, hash }
}

function pairsOf(values: ManifestPaths): Pairs {
  const byName: ReadonlyMap<string, string> = new Map(values instanceof Map ? values : Object.entries(values))
  return sortByCodePoint([...byName.keys()]).map(name => {
    return [pythonJsonString(name), pythonJsonString(byName.get(name) ?? '')]
  })
}

function versionedPairs(paths: ManifestPaths, versions: ReadonlyMap<string, string>): Pairs {
  const stored = paths instanceof Map ? [...paths] : Object.entries(paths)
  return pairsOf(new Map(stored.map(([name, file]) => [name, withVersion(file, versions.get(name))])))
}

function jsonObject(pairs: Pairs): string {
  return `{${pairs.map(([name, value]) => `${name}: ${value}`).join(', ')}}`
}

function hashOf(pairs: Pairs): string {
  const list = `[${pairs.map(([name, value]) => `[${name}, ${value}]`).join(', ')}]`
  return createHash('md5').update(list).digest('hex').slice(0, 12)
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
  } catch (cause) {
    if (isMissing(cause)) {
      const remedy = 'run `vite build` to write it, or use Manifest.identity() where no build is needed'
      throw new StaticFilesError(`there is no manifest ${file}: ${remedy}`, { cause })
    }
    throw unreadable(file, reason(cause), { cause })
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(file, `it is not JSON (${reason(cause)})`, { cause })
  }
}

function unreadable(file: string, why: string, options?: ErrorOptions): StaticFilesError {
  return new StaticFilesError(
    `cannot read the manifest ${file}: ${why}; run \`vite build\` to write it anew`,
    options,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
