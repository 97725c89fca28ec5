import { connect } from 'node:net'

/** Waits until something accepts connections; `ended` tells that nothing ever will. */
export async function untilListens(port: number, ended: () => boolean = () => false): Promise<void> {
  for (let attempt = 0; attempt < 300 && !ended(); attempt++) {
    if (await accepts(port)) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`nothing listens on port ${port}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const settle = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}
