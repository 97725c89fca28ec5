import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import { undoOnInterruption } from '../interruption.ts'
import { lstatOf } from './stat.ts'

/**
 * Creates a file under a temporary name beside `file`, then renames it: whoever looks meanwhile, or after a crash, sees
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

/** Does the same as {@link replaceFile}, for files that are created quickly. */
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
 * Creates a file at its own path if it is new, because nobody reads it yet; otherwise replaces it by a rename, like
 * {@link replaceFileSync}. If the file cannot be created at its own path, nothing of it stays there.
 * @param create fails if the file exists
 */
export function placeFile(file: string, isNew: boolean, create: (file: string) => void): void {
  if (isNew && isCreated(file, create)) return
  replaceFileSync(file, create)
}

/** Hides the error: if it stays, creating the file beside its path fails with it again. */
function isCreated(file: string, create: (file: string) => void): boolean {
  try {
    create(file)
    return true
  } catch (error) {
    // Somebody else may have created the file meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') removeHalf(file)
    return false
  }
}

function removeHalf(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // What kept the file from being written keeps it from being removed.
  }
}

function temporaryBeside(file: string): string {
  return path.join(path.dirname(file), `.${randomUUID()}.tmp`)
}

/** Tells whether a file has a temporary name of {@link replaceFile}: a killed process leaves such files. */
export function isTemporary(file: string): boolean {
  return /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/u.test(path.basename(file))
}

/** Removes the temporary file, even after a success: renaming a hard link to another of its inode does nothing (POSIX). */
function removeLeft(temporary: string): void {
  if (lstatOf(temporary)) rmSync(temporary, { force: true })
}
