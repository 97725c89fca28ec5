import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type LiveDjango, runPython } from './live-django.ts'
import type { Collected } from './parity.ts'

/** What Django collects. */
export interface Locations {
  /** Importable names. */
  readonly apps: readonly string[]
  /** Folders to import them from, beside the environment's own. */
  readonly path?: readonly string[]
  readonly dirs?: readonly (readonly [prefix: string, folder: string])[]
}

/** What Django made, with the folders of the apps. */
export interface DjangoAnswer extends Collected {
  readonly django: string
  readonly apps: readonly string[]
}

const SCRIPT = path.resolve(import.meta.dirname, '../django/collect.py')
const CACHE = path.resolve(import.meta.dirname, '../../.cache/django')

/** Runs Django's own `collectstatic`. */
export function collectWithDjango(
  { python }: LiveDjango,
  { apps, path: folders = [], dirs = [] }: Locations,
  scripts: 'source-maps' | 'modules',
): Promise<DjangoAnswer> {
  return runPython(python, SCRIPT, { apps, path: folders, dirs, modules: scripts === 'modules' })
}

/** The same for packages of the environment: what they hold never changes, so each is asked once. */
export async function collectPackagesWithDjango(
  django: LiveDjango,
  apps: readonly string[],
  scripts: 'source-maps' | 'modules',
): Promise<DjangoAnswer> {
  const key = createHash('sha256').update(readFileSync(SCRIPT)).update(`${django.python} ${apps} ${scripts}`)
  const file = path.join(CACHE, `${django.stamp}-${key.digest('hex').slice(0, 12)}.json.gz`)
  if (existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString())
  const answer = await collectWithDjango(django, { apps }, scripts)
  mkdirSync(CACHE, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, gzipSync(JSON.stringify(answer)))
  renameSync(unfinished, file)
  return answer
}
