import { createHash, randomUUID } from 'node:crypto'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { StaticFilesError } from '../../base/errors.ts'
import { lstatOf, realPath } from '../../base/files/stat.ts'
import { undoOnInterruption } from '../../base/interruption.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  readonly since: string
}

/** In milliseconds: how often a waiting build looks, and how long it waits. */
const PAUSE = 100
const PATIENCE = 10 * 60 * 1000

/** A lock that this process holds. */
interface Held {
  count: number
  /** Takes back the note that an interruption must release the lock. */
  readonly forget: () => void
}

/** The locks of this process by path. Several outputs of one build share one. */
const held = new Map<string, Held>()

/**
 * Keeps other builds out of a static root while `work` runs.
 * @param wait called once if another build is at work, with a sentence that says which
 * @throws StaticFilesError if the other build takes longer than ten minutes, or the lock cannot be taken
 */
export async function withLock<Result>(
  staticRoot: string,
  wait: (message: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = await lock(staticRoot, wait)
  try {
    return await work()
  } finally {
    release()
  }
}

/**
 * Takes the lock of a static root, and returns the function that releases it. If the process ends without calling it, the
 * next build notices that the holder is gone.
 */
export async function lock(staticRoot: string, wait: (message: string) => void): Promise<() => void> {
  const file = lockFile(staticRoot)
  const started = Date.now()
  let told = false
  while (!take(file)) {
    const holder = readHolder(file)
    if (holder === undefined) continue
    if (isGone(holder)) {
      takeOver(file, holder)
      continue
    }
    const who = `process ${holder.pid} on ${holder.host}, since ${holder.since}`
    if (!told) wait(`another build writes to ${staticRoot} (${who}): waiting for it`)
    told = true
    if (Date.now() - started > PATIENCE) {
      throw new StaticFilesError(
        `another build still writes to ${staticRoot} (${who})\nEnd it, or remove ${file} if there is none`,
      )
    }
    await setTimeout(PAUSE)
  }
  return () => releaseLock(file)
}

function releaseLock(file: string): void {
  const lock = held.get(file)
  if (lock === undefined || --lock.count > 0) return
  held.delete(file)
  lock.forget()
  rmSync(file, { force: true })
}

/**
 * Takes the lock if it is free. The file is written under another name and then linked, so that whoever sees it sees all
 * of it. Everybody may put links into the folder, but neither name can lead elsewhere: the first is new, and making a
 * link follows no link.
 */
function take(file: string): boolean {
  const lock = held.get(file)
  if (lock !== undefined) {
    lock.count++
    return true
  }
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
  const own = `${file}.${randomUUID()}`
  try {
    writeFileSync(own, JSON.stringify(holder), { flag: 'wx' })
    linkSync(own, file)
    held.set(file, { count: 1, forget: undoOnInterruption(() => rmSync(file, { force: true })) })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw lockError(file, error)
  } finally {
    rmSync(own, { force: true })
  }
}

/** Removes the lock of a dead holder. If several builds find it, one at a time looks again and removes it. */
function takeOver(file: string, dead: Holder): void {
  const guard = `${file}.takeover`
  try {
    if (!makeGuard(guard)) return
    try {
      const holder = readHolder(file)
      if (holder?.pid === dead.pid && holder.since === dead.since) removeQuietly(() => unlinkSync(file))
    } finally {
      removeQuietly(() => rmdirSync(guard))
    }
  } catch (error) {
    // In a folder that everybody may write to, only the owner may remove a file.
    throw lockError(file, error, `process ${dead.pid}, which held it, is gone, but left it behind`)
  }
}

/** Makes the guard, and tells whether it could. Removes a guard whose process ended before it removed it. */
function makeGuard(guard: string): boolean {
  try {
    mkdirSync(guard)
    return true
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    const found = lstatOf(guard)
    if (found && Date.now() - found.mtimeMs > 100 * PAUSE) removeQuietly(() => rmdirSync(guard))
    return false
  }
}

/** Removes a file that another process may have removed already. (`rmSync` would hide why it fails.) */
function removeQuietly(remove: () => void): void {
  try {
    remove()
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}

/**
 * Reads who holds the lock; `undefined` if it has just been released.
 * @throws StaticFilesError if the file is not such a lock
 */
function readHolder(file: string): Holder | undefined {
  try {
    if (!lstatSync(file).isFile()) throw new Error('it is not a file')
    const { pid, host, since } = JSON.parse(readFileSync(file, 'utf8'))
    if (!Number.isInteger(pid) || pid <= 0 || !isPrintable(host) || !isPrintable(since))
      throw new Error('it names no process')
    return { pid, host, since }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw lockError(file, error, 'what lies there is not a lock')
  }
}

/** Everybody may write to the folder, so no text that a terminal obeys may come from it. */
function isPrintable(value: unknown): value is string {
  return typeof value === 'string' && /^\P{C}{1,255}$/u.test(value)
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code
}

function lockError(
  file: string,
  cause: unknown,
  why = 'it keeps two builds of one folder apart',
): StaticFilesError {
  return new StaticFilesError(
    `cannot take the lock ${file}: ${(cause as Error).message}\n` +
      `(${why}). Remove it as the user who owns it, or let TMPDIR name a folder in which you may write`,
    { cause },
  )
}

function isGone({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false
  // This process does not hold it, so an earlier one had the same number: in a container each has.
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Returns the path of the lock: not in the static root, which a build may empty; the same for all symlinks to it. */
export function lockFile(staticRoot: string): string {
  const hash = createHash('sha256')
    .update(realPath(path.resolve(staticRoot)))
    .digest('hex')
    .slice(0, 12)
  return path.join(tmpdir(), `staticfiles-${hash}.lock`)
}
