import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createStaticHandler, type ServerOptions } from '../../src/server/index.ts'

/** Listens on a port of this machine until the test ends. */
export async function listen(listener: RequestListener): Promise<{ origin: string; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** Serves a static root until the test ends. */
export async function serve(options: ServerOptions): Promise<string> {
  const handler = createStaticHandler(options)
  onTestFinished(() => handler.close())
  const { origin } = await listen((req, res) =>
    handler(req, res, error => res.writeHead(error ? 599 : 418).end()),
  )
  return origin
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** Sends the path as it is, and decodes nothing; `fetch` would do both. */
export function ask(
  origin: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, async response => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      resolve({ status: response.statusCode!, headers: response.headers, body, text: body.toString() })
    })
    sent.on('error', reject).end()
  })
}

export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex')
}
