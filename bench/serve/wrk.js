import { execFileSync } from 'node:child_process'
import { get } from 'node:http'
import { createServer } from 'node:net'

const CONNECTIONS = 64

/** Loads a server for whole seconds. Answers requests a second, and how many there were. */
export function wrk(url, headers, seconds, script) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, ...lines, ...(script ? ['-s', script] : []), url]
  const printed = execFileSync('wrk', args, { encoding: 'utf8' })
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(printed) ?? []
  const [, requests] = /(\d+) requests in/.exec(printed) ?? []
  if (rate === undefined || requests === undefined) throw new Error(printed)
  return { rate: Number(rate), requests: Number(requests) }
}

/** Sends no more than is given; `fetch` would say that it wants nothing from a cache. */
export function ask(url, headers) {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, async answer => {
      const chunks = []
      for await (const chunk of answer) chunks.push(chunk)
      const { statusCode: status, headers, rawHeaders } = answer
      resolve({ status, headers, rawHeaders, body: Buffer.concat(chunks) })
    }).on('error', reject)
  })
}

export function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

export function median(values) {
  const sorted = values.toSorted((one, other) => one - other)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
}
