import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import { lstatOf } from './file-kind.ts'

/**
 * Makes a file under a temporary name beside `file`, then renames it: whoever looks meanwhile, or after a crash, sees
 * the old file or the new one. On failure the old one stays.
 */
export async function replaceFile(file: string, create: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${randomUUID()}.tmp`)
  try {
    await create(temporary)
    await rename(temporary, file)
  } finally {
    // Also after a success: renaming a link onto another link of the same inode does nothing (POSIX).
    if (lstatOf(temporary)) rmSync(temporary, { force: true })
  }
}
