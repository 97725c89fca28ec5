import { vi } from 'vitest'

/** In milliseconds: longer than anything takes on a machine that is busy with something else. */
export const LONGEST_WAIT = 45_000

/**
 * Waits until a check no longer throws, and returns what it returns. It says nothing of how fast that is.
 * @param interval in milliseconds, between two tries
 */
export function eventually<Result>(check: () => Result | Promise<Result>, interval = 50): Promise<Result> {
  return vi.waitFor(check, { timeout: LONGEST_WAIT, interval })
}
