import { createServer } from 'node:http'
import { LOADS } from './loads.js'
import { ask } from './wrk.js'

/** What Node adds to each answer by itself. */
const OF_NODE = ['date', 'connection', 'keep-alive']

/** A listener that ends each request with a constant: what another one answers to a load, with the same headers. */
export async function constantListener(listener, { load, url }) {
  const server = createServer(listener)
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  const { status, rawHeaders, body } = await ask(origin + url, await headersOf(load, origin + url))
  server.close()
  const headers = rawHeaders.filter((_, at) => !OF_NODE.includes(rawHeaders[at - (at % 2)].toLowerCase()))
  if (body.length === 0) return (_, res) => res.writeHead(status, headers).end()
  return (_, res) => res.writeHead(status, headers).end(body)
}

/** What a load sends to a URL: a 304 needs the tag of an answer. */
export async function headersOf(load, url) {
  const { headers, status } = LOADS[load]
  if (status !== 304) return headers
  return { ...headers, 'If-None-Match': (await ask(url, headers)).headers.etag }
}
