import { connect } from 'node:net'

/** How a conversation goes on after the request. */
export interface Conversation {
  /** Sent when the first part of the answer is there. */
  readonly send?: string
  /** The text that ends it; without one the other side does. */
  readonly until?: string
}

/**
 * Sends a request that no client library has tidied up: its lines without the Host, which is that of the server unless
 * the lines say otherwise.
 * @returns what comes back, in Latin-1
 */
export function rawRequest(
  origin: string,
  [first, ...headers]: string[],
  { send, until }: Conversation = {},
): Promise<string> {
  const { host, hostname, port } = new URL(origin)
  const hasHost = headers.some(header => header.startsWith('Host:'))
  const lines = [first, ...(hasHost ? [] : [`Host: ${host}`]), ...headers]
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    let received = ''
    socket.on('data', data => {
      if (received === '' && send !== undefined) socket.write(send)
      received += data.toString('latin1')
      if (until !== undefined && received.includes(until)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}

/** The lines that ask for a WebSocket. */
export function webSocketRequest(url: string, ...headers: string[]): string[] {
  const key = Buffer.from('sixteen letters!').toString('base64')
  return [
    `GET ${url} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    ...headers,
  ]
}
