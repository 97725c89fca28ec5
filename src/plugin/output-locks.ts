import type { ResolvedOptions } from '../options/resolve.ts'
import { lock } from '../static-root/releases/lock.ts'
import { notEmptied } from './emptying.ts'

/** Holds the locks of the static root, one for each output that is being written. */
export class OutputLocks {
  /** Whether the static root is not emptied, although Vite would empty it, because it has files that no build put there. */
  keepsOthers = false
  /** The functions that release a lock each. */
  readonly #held: (() => void)[] = []

  /** Makes other builds of the static root wait until {@link OutputLocks.release}. */
  async acquire({ dryRun, staticRoot }: ResolvedOptions, warn: (message: string) => void): Promise<void> {
    if (dryRun) return
    if (this.keepsOthers) warn(notEmptied(staticRoot))
    // The warning comes once, although a watching build writes many times.
    this.keepsOthers = false
    this.#held.push(await lock(staticRoot, warn))
  }

  release(): void {
    this.#held.pop()?.()
  }
}
