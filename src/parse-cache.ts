import { stat } from 'node:fs/promises'
import type { Parsed } from './parse.ts'

/** Remembers parsed files for the next build of this process (`vite build --watch`). */
export class ParseCache {
  readonly #entries = new Map<string, { signature: string; parsed: Parsed }>()
  /** Whether it remembers anything. */
  readonly enabled: boolean

  constructor(enabled: boolean) {
    this.enabled = enabled
  }

  /** The file as it was parsed before, unless it has changed since. */
  async parse(source: string, kind: string, parse: () => Parsed): Promise<Parsed> {
    if (!this.enabled) return parse()
    const { mtimeNs, ctimeNs, size, ino } = await stat(source, { bigint: true })
    const key = `${kind}\0${source}`
    const signature = `${mtimeNs} ${ctimeNs} ${size} ${ino}`
    const known = this.#entries.get(key)
    if (known?.signature === signature) return known.parsed
    const parsed = parse()
    this.#entries.set(key, { signature, parsed })
    return parsed
  }
}
