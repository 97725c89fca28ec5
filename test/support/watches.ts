import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/**
 * Waits until a process watches a file, because it misses an edit before that. If the system does not tell what is
 * watched, it waits three seconds.
 */
export async function untilWatched(file: string, pid: number = process.pid): Promise<void> {
  const inode = `ino:${statSync(file).ino.toString(16)} `
  const isTold = existsSync(`/proc/${pid}/fdinfo`)
  const end = Date.now() + (isTold ? 30_000 : 3000)
  while (Date.now() < end && !watchesOf(pid).includes(inode)) await setTimeout(50)
}

/**
 * Gives a file another text in one step. On a busy machine a watcher can read a file that `writeFile` has emptied and not
 * yet filled; if both happen within one tick of the file system's clock, it never notices the second.
 */
export function overwrite(file: string, text: string): void {
  const bytes = Buffer.from(text)
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, 0)
  if (statSync(file).size > bytes.length) ftruncateSync(descriptor, bytes.length)
  closeSync(descriptor)
}

/** All of a process's, as `proc(5)` prints them: `inotify wd:2 ino:7ef82a sdev:800001 …`. */
function watchesOf(pid: number): string {
  const folder = `/proc/${pid}/fdinfo`
  if (!existsSync(folder)) return ''
  return readdirSync(folder)
    .map(descriptor => readIfOpen(`${folder}/${descriptor}`))
    .filter(text => text.includes('inotify'))
    .join('')
}

function readIfOpen(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
