import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a server on this machine or in this network may take to accept a connection, in milliseconds. */
const CONNECT = 1000

/** How often to try, in milliseconds. When runserver restarts, it is away for some hundreds of them. */
const POLL = 50

/** Whether something accepts connections at an origin. */
export function isUp(origin: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(origin)
  return new Promise(resolve => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/gu, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      timeout: CONNECT,
    })
    const settle = (up: boolean) => {
      socket.destroy()
      resolve(up)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}

/** Waits until an origin accepts connections. It returns `false` if it does not within `limit` milliseconds. */
export function untilUp(origin: string, limit: number): Promise<boolean> {
  return until(origin, true, limit)
}

/** Waits until an origin refuses connections. It returns `false` if it does not within `limit` milliseconds. */
export function untilDown(origin: string, limit: number): Promise<boolean> {
  return until(origin, false, limit)
}

async function until(origin: string, up: boolean, limit: number): Promise<boolean> {
  const end = performance.now() + limit
  while ((await isUp(origin)) !== up) {
    if (performance.now() > end) return false
    await sleep(POLL)
  }
  return true
}
