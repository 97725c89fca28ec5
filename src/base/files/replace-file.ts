import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import { undoOnInterruption } from '../interruption.ts'
import { lstatOf } from './stat.ts'

/**
 * Makes a file under a temporary name beside `file`, then renames it: whoever looks meanwhile, or after a crash, sees
 * the old file or the new one. On failure the old one stays.
 */
export async function replaceFile(file: string, create: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(file)
  const done = undoOnInterruption(() => rmSync(temporary, { force: true }))
  try {
    await create(temporary)
    await rename(temporary, file)
  } finally {
    removeLeft(temporary)
    done()
  }
}

/** The same where making the file takes no time worth waiting for. */
export function replaceFileSync(file: string, create: (temporary: string) => void): void {
  const temporary = temporaryBeside(file)
  try {
    create(temporary)
    renameSync(temporary, file)
  } finally {
    removeLeft(temporary)
  }
}

/**
 * Makes a file at its own path if it is new, because nobody reads it yet; otherwise beside it, and then renames it, as
 * {@link replaceFileSync} does. If the file cannot be made at its own path, nothing of it stays there.
 * @param create fails if there is a file already
 */
export function placeFile(file: string, isNew: boolean, create: (file: string) => void): void {
  if (isNew && isMade(file, create)) return
  replaceFileSync(file, create)
}

/** Hides the error: if it does not go away, making the file beside its path meets it again. */
function isMade(file: string, create: (file: string) => void): boolean {
  try {
    create(file)
    return true
  } catch (error) {
    // Somebody else may have made the file meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') removeHalf(file)
    return false
  }
}

function removeHalf(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // What hindered the writing hinders this too.
  }
}

function temporaryBeside(file: string): string {
  return path.join(path.dirname(file), `.${randomUUID()}.tmp`)
}

/** Whether a file has a temporary name of {@link replaceFile}: a process that was killed leaves such files. */
export function isTemporary(file: string): boolean {
  return /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/u.test(path.basename(file))
}

/** Also after a success: renaming a link onto another link of the same inode does nothing (POSIX). */
function removeLeft(temporary: string): void {
  if (lstatOf(temporary)) rmSync(temporary, { force: true })
}
