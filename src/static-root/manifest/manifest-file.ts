import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StaticFilesError } from '../../base/errors.ts'
import { batches, joined, writeChunks } from '../../base/files/chunks.ts'
import { replaceFile } from '../../base/files/replace-file.ts'
import { pythonJsonString, sortByCodePoint } from '../../base/python/json.ts'
import { withVersion } from '../../base/stored-file.ts'

/** Names and their hashed names, in any order. */
export type ManifestPaths = ReadonlyMap<string, string> | Readonly<Record<string, string>>

/** What a manifest file says. */
export interface ManifestContent {
  paths: ReadonlyMap<string, string>
  hash: string
  /** By hashed name; `undefined` if the manifest has none. */
  integrity?: ReadonlyMap<string, string> | undefined
  /** By name; `undefined` if names carry the hashes. */
  versions?: ReadonlyMap<string, string> | undefined
}

/** What else a manifest may say: Django ignores keys that it does not know. */
export type ManifestExtras = Pick<ManifestContent, 'integrity' | 'versions'>

/**
 * Returns the text of a manifest, byte for byte as Django 6.1 writes it
 * ({@link https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#manifeststaticfilesstorage ManifestStaticFilesStorage}).
 */
export function manifestText(paths: ManifestPaths, extras: ManifestExtras = {}): string {
  return [...chunksOf(paths, manifestHash(paths, extras.versions), extras)].join('')
}

/**
 * Returns the `hash` of a manifest with these names: Django's `manifest_hash`, except that names without a hash count with
 * their versions.
 */
export function manifestHash(paths: ManifestPaths, versions?: ReadonlyMap<string, string>): string {
  const digest = createHash('md5').update('[')
  const pairs = pairsOf(paths, (name, value) => `[${name}, ${value}]`, versions)
  for (const batch of batches(joined(pairs, ', '))) digest.update(batch)
  return digest.update(']').digest('hex').slice(0, 12)
}

/**
 * Writes a manifest in one step, so that a reader sees the old one or the new one and never a part. Creates the folder if
 * it is missing.
 * @returns the manifest's hash
 * @throws {@link StaticFilesError} if the file cannot be written
 */
export async function writeManifest(
  file: string,
  paths: ManifestPaths,
  extras: ManifestExtras = {},
): Promise<string> {
  const hash = manifestHash(paths, extras.versions)
  try {
    await mkdir(dirname(file), { recursive: true })
    await replaceFile(file, async temporary => writeChunks(temporary, chunksOf(paths, hash, extras)))
  } catch (cause) {
    throw new StaticFilesError(`cannot write the manifest ${file}: ${reason(cause)}`, { cause })
  }
  return hash
}

/**
 * Reads a manifest of Django's versions 1.0 and 1.1.
 * @param otherwise what else the user can do if it is missing
 * @throws {@link StaticFilesError} if it is missing or cannot be read
 */
export function readManifest(file: string, otherwise = ''): ManifestContent {
  const content = parse(file, readText(file, otherwise))
  const { version, paths = {}, hash = '', integrity, versions } = isRecord(content) ? content : {}
  if (version !== '1.0' && version !== '1.1') {
    throw unreadableError(file, `its version is ${JSON.stringify(version) ?? 'missing'}, not "1.0" or "1.1"`)
  }
  if (!isRecord(paths) || !Object.values(paths).every(path => typeof path === 'string')) {
    throw unreadableError(file, 'its "paths" are not an object of strings')
  }
  return {
    paths: new Map(Object.entries(paths as Record<string, string>)),
    hash: String(hash),
    ...(isRecord(integrity) && { integrity: new Map(Object.entries(integrity as Record<string, string>)) }),
    ...(isRecord(versions) && { versions: new Map(Object.entries(versions as Record<string, string>)) }),
  }
}

/** Generates the text chunk by chunk. */
function* chunksOf(
  paths: ManifestPaths,
  hash: string,
  { integrity, versions }: ManifestExtras,
): Generator<string> {
  yield '{"paths": '
  yield* jsonObject(paths)
  yield `, "version": "1.1", "hash": "${hash}"`
  for (const [key, values] of Object.entries({ integrity, versions })) {
    if (values === undefined) continue
    yield `, "${key}": `
    yield* jsonObject(values)
  }
  yield '}'
}

function* jsonObject(values: ManifestPaths): Generator<string> {
  yield '{'
  yield* joined(
    pairsOf(values, (name, value) => `${name}: ${value}`),
    ', ',
  )
  yield '}'
}

/** Sorts by name, and generates a text from each name and its value, both as JSON. */
function* pairsOf(
  values: ManifestPaths,
  textOf: (name: string, value: string) => string,
  versions: ReadonlyMap<string, string> = new Map(),
): Generator<string> {
  const byName: ReadonlyMap<string, string> = values instanceof Map ? values : new Map(Object.entries(values))
  for (const name of sortByCodePoint([...byName.keys()])) {
    const value = withVersion(byName.get(name) ?? '', versions.get(name))
    yield textOf(pythonJsonString(name), pythonJsonString(value))
  }
}

function readText(file: string, otherwise: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
  } catch (cause) {
    if (isMissing(cause)) {
      throw new StaticFilesError(`there is no manifest ${file}: run \`vite build\` to write it${otherwise}`, {
        cause,
      })
    }
    throw unreadableError(file, reason(cause), { cause })
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadableError(file, `it is not JSON (${reason(cause)})`, { cause })
  }
}

function unreadableError(file: string, why: string, options?: ErrorOptions): StaticFilesError {
  return new StaticFilesError(
    `cannot read the manifest ${file}: ${why}; run \`vite build\` to write it again`,
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
