import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { readCacheFile, writeCacheFile } from '../../base/files/cache-file.ts'
import type { DjangoAnswer, Reads } from './answer.ts'

/** An answer that holds as long as nothing that it depends on changes. */
export interface CachedAnswer {
  readonly answer: DjangoAnswer
  readonly reads: Reads
}

interface Entry extends CachedAnswer {
  readonly key: string
  readonly fingerprint: string
}

/** The answer of an earlier run, where it still holds. */
export function readCachedAnswer(
  file: string,
  key: string,
  env: NodeJS.ProcessEnv,
): CachedAnswer | undefined {
  const [entry] = readCacheFile<Entry>(file)
  return entry?.key === key && entry.fingerprint === fingerprint(entry.reads, env) ? entry : undefined
}

/**
 * Keeps an answer for the next run. Django is asked each time if nothing tells when its answer changes: finders list their
 * files themselves, or settings ask a program, a server or a database.
 */
export function writeCachedAnswer(
  file: string,
  key: string,
  env: NodeJS.ProcessEnv,
  { answer, reads }: CachedAnswer,
): void {
  if (answer.finders.some(finder => finder.kind === 'list') || reads.others.length > 0) return
  writeCacheFile<Entry>(file, [{ key, fingerprint: fingerprint(reads, env), answer, reads }])
}

/** Changes with the settings' files, the installed packages, and the variables of the environment that settings look up. */
function fingerprint({ files, packages, environ }: Reads, env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256')
  for (const file of [...files, ...packages]) hash.update(`${file}\0${stampOf(file)}\0`)
  // Hashed, as variables hold secrets.
  const names = environ.includes('*') ? Object.keys(env).sort() : environ
  for (const name of names) hash.update(`${name}=${env[name] ?? ''}\0`)
  return hash.digest('hex')
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, size } = statSync(file, { bigint: true })
    return `${mtimeNs} ${size}`
  } catch {
    // Settings may try to open what no file can be called.
    return 'missing'
  }
}
