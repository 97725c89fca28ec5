import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/**
 * Waits until a process watches a file, as an edit before that is lost on it; at most three seconds, as not every system
 * or file system tells.
 */
export async function untilWatched(file: string, pid: number = process.pid): Promise<void> {
  const inode = `ino:${statSync(file).ino.toString(16)} `
  const end = Date.now() + 3000
  while (Date.now() < end && !watchesOf(pid).includes(inode)) await setTimeout(50)
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
