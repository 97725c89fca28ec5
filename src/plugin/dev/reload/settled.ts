import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** In milliseconds: a file that stays the same for so long is whole. */
const QUIET = 40

/** In milliseconds: for how long an empty or a missing file may be one that is being written. */
const LONGEST = 500

/**
 * Waits until nobody writes a file any more. Editors, formatters and Docker's mounts empty a file before they write it,
 * and the watcher may not tell of the second step; one that stays empty, or away, is taken for what it is in the end.
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
