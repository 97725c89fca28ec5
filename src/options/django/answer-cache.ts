import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { readCacheFile, writeCacheFile } from '../../base/files/cache-file.ts'
import type { DjangoAnswer, Reads } from './answer.ts'

/** An answer that holds as long as what it reads does not change. */
export interface CachedAnswer {
  readonly answer: DjangoAnswer
  readonly reads: Reads
}

interface Entry extends CachedAnswer {
  readonly key: string
  readonly fingerprint: string
}

/** Returns the answer of an earlier run if it still holds. */
export function readCachedAnswer(
  file: string,
  key: string,
  env: NodeJS.ProcessEnv,
): CachedAnswer | undefined {
  const [entry] = readCacheFile<Entry>(file)
  return entry?.key === key && entry.fingerprint === fingerprint(entry.reads, env) ? entry : undefined
}

/**
 * Keeps an answer for the next run, unless nothing shows when it changes: finders list their files themselves, or settings
 * ask a program, a server or a database. Then Django is asked each time.
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

/**
 * Returns a text that changes with the settings' files, the installed packages, and the environment variables that settings
 * look up.
 */
function fingerprint({ files, packages, environ }: Reads, env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256')
  for (const file of [...files, ...packages]) hash.update(`${file}\0${stampOf(file)}\0`)
  // The names and values are hashed because variables hold secrets.
  const names = environ.includes('*') ? Object.keys(env).filter(isLasting).sort() : environ
  for (const name of names) hash.update(`${name}=${env[name] ?? ''}\0`)
  return hash.digest('hex')
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true })
    // Anybody can set the first time, and nobody the second.
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`
  } catch {
    // Settings may try to open a file with a name that no file can have.
    return 'missing'
  }
}

/**
 * Whether a variable says something that lasts longer than a command or a window of the terminal. Packages copy the whole
 * environment to start a program with it.
 */
function isLasting(name: string): boolean {
  return !/^(?:npm_|TERM_|(?:_|SHLVL|OLDPWD|INIT_CWD|COLUMNS|LINES|WINDOWID)$)/u.test(name)
}
