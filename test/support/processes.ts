import { createServer } from 'node:net'
import { expect } from 'vitest'
import { eventually } from './eventually.ts'

/** Waits until a server answers a request well. */
export async function untilAnswers(url: string): Promise<void> {
  await eventually(async () => expect((await fetch(url)).ok).toBe(true))
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
