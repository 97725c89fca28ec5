import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a file must stay the same to be complete, in milliseconds. */
const QUIET = 40

/** How long a file that is being written may be empty or missing, in milliseconds. */
const LONGEST = 500

/**
 * Waits until a file is complete. Editors, formatters and Docker's mounts empty a file before they write it, and the watcher
 * may report only the first step. If the file stays empty or missing, that is accepted in the end.
 */
export async function untilSettled(file: string): Promise<void> {
  const end = performance.now() + LONGEST
  let before = fingerprint(file)
  while (performance.now() < end) {
    await sleep(QUIET)
    const now = fingerprint(file)
    if (now === before && now !== NOTHING) return
    before = now
  }
}

const NOTHING = 'nothing'

function fingerprint(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file)
    return size === 0 ? NOTHING : `${size} ${mtimeMs}`
  } catch {
    return NOTHING
  }
}
