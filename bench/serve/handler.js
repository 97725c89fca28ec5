// `npm run bench:serve handler`: what the handler adds to Node's HTTP. It and a constant answer, the same byte for byte, stand on ports
// of one process and are loaded in turns: two processes of the same program differ by a tenth and more. The constant answer stands
// there twice, which says how far one and the same thing differs from itself.
import path from 'node:path'
import { runnerImport } from 'vite'
import { headersOf } from './constant.js'
import { cpuOf } from './cpu.js'
import { LOADS } from './loads.js'
import { freePort, wrk } from './wrk.js'

const ROOT = path.resolve(import.meta.dirname, '../..')
const { startServer } = (await runnerImport(path.join(ROOT, 'test/support/web-servers.ts'))).module
const ROUNDS = 10
const LISTENERS = ['constant', 'ours', 'again']

/** By load, the rounds: requests a second of both, and what one takes of a processor, in microseconds. */
export async function measureHandler(site) {
  const results = {}
  for (const load of Object.keys(LOADS)) results[load] = await measure(load, site)
  return results
}

async function measure(load, site) {
  const ports = await Promise.all(LISTENERS.map(freePort))
  const url = site.url(LOADS[load].name)
  const script = path.join(import.meta.dirname, 'handler-server.js')
  const args = [site.staticRoot, JSON.stringify({ load, url }), ...ports.map(String)]
  const running = await startServer([process.execPath, script, ...args], ports.at(-1))
  const urls = ports.map(port => `http://127.0.0.1:${port}${url}`)
  const headers = await headersOf(load, urls[LISTENERS.indexOf('ours')])
  const run = listener => {
    const before = cpuOf(running.pid)
    const { rate, requests } = wrk(urls[LISTENERS.indexOf(listener)], headers, 1)
    return [listener, { rate, cpu: ((cpuOf(running.pid) - before) / requests) * 1e6 }]
  }
  try {
    LISTENERS.map(run)
    return Array.from({ length: ROUNDS }, (_, round) =>
      Object.fromEntries((round % 2 === 0 ? LISTENERS : LISTENERS.toReversed()).map(run)),
    )
  } finally {
    await running.stop()
  }
}
