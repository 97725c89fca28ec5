import { createHash } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { StaticFilesError } from '../errors.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  readonly since: string
}

/** In milliseconds: how often a waiting build looks, and how long it waits. */
const PAUSE = 100
const PATIENCE = 10 * 60 * 1000

/** The locks of this process: several outputs of one build share one. */
const held = new Map<string, number>()

/**
 * Keeps other builds out of a static root while `work` runs.
 * @param wait called once where another build is at work, with a sentence that says which
 * @throws StaticFilesError where the other build takes longer than ten minutes
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
 * Takes the lock of a static root, and gives the function that releases it. Where the process ends without that, the
 * next build finds that its holder is gone.
 */
export async function lock(staticRoot: string, wait: (message: string) => void): Promise<() => void> {
  const file = lockFile(staticRoot)
  const started = Date.now()
  for (let told = false; !take(file); told = true) {
    const holder = readHolder(file)
    if (holder !== undefined && isGone(holder)) {
      takeOver(file, holder)
      continue
    }
    const who =
      holder === undefined
        ? 'another build'
        : `process ${holder.pid} on ${holder.host}, since ${holder.since}`
    if (!told) wait(`another build writes to ${staticRoot} (${who}): waiting for it`)
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
  const count = (held.get(file) ?? 1) - 1
  if (count > 0) return void held.set(file, count)
  held.delete(file)
  rmSync(file, { force: true })
}

/** Written elsewhere and linked into its place: whoever sees it sees its content. */
function take(file: string): boolean {
  const count = held.get(file)
  if (count !== undefined) {
    held.set(file, count + 1)
    return true
  }
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
  const own = `${file}.${process.pid}`
  writeFileSync(own, JSON.stringify(holder))
  try {
    linkSync(own, file)
    held.set(file, 1)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    unlinkSync(own)
  }
}

/** Of several that find a dead holder, one at a time looks again and removes its lock. */
function takeOver(file: string, dead: Holder): void {
  const guard = `${file}.takeover`
  try {
    mkdirSync(guard)
  } catch {
    removeOld(guard)
    return
  }
  const holder = readHolder(file)
  if (holder?.pid === dead.pid && holder.since === dead.since) rmSync(file, { force: true })
  rmdirSync(guard)
}

/** What a process leaves that ends just there. */
function removeOld(guard: string): void {
  const found = statSync(guard, { throwIfNoEntry: false })
  if (found && Date.now() - found.mtimeMs > 100 * PAUSE) rmSync(guard, { recursive: true, force: true })
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isGone({ pid, host }: Holder): boolean {
  if (host !== hostname()) return false
  // This process does not hold it, so that an earlier one had the same number: in a container each has.
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Not in the static root, which a build may empty. */
function lockFile(staticRoot: string): string {
  const hash = createHash('sha256').update(path.resolve(staticRoot)).digest('hex').slice(0, 12)
  return path.join(tmpdir(), `staticfiles-${hash}.lock`)
}
