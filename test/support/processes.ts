import { createServer } from 'node:net'
import { expect, vi } from 'vitest'

/** Waits until a server answers a request well. */
export async function untilAnswers(url: string): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(url)).ok).toBe(true), { timeout: 30_000, interval: 200 })
}

/** A TCP port that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
