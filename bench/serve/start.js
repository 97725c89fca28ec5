// `npm run bench:serve start`: how long a start takes at 10,000 files, and how much memory requests for all of them take.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import path from 'node:path'
import { runnerImport } from 'vite'
import { SERVERS } from './servers.js'
import { wrk } from './wrk.js'

const ROOT = path.resolve(import.meta.dirname, '../..')
const { servingPython, writeWsgi } = (await runnerImport(path.join(ROOT, 'test/support/whitenoise.ts')))
  .module
const { startServer } = (await runnerImport(path.join(ROOT, 'test/support/web-servers.ts'))).module
const STARTS = 5
/** After how many requests the memory is looked at the last time. */
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 1_000_000)
const CLI = path.join(ROOT, 'dist/cli.mjs')
const SERVER = path.join(ROOT, 'dist/server.mjs')

/** In milliseconds, each in a process of its own, in turns. */
export async function measureStart(site, files, port) {
  const python = await servingPython()
  const times = { ours: [], whitenoise: [] }
  for (let start = 0; start <= STARTS; start++) {
    const ours = startOfOurs(site)
    const whitenoise = startOfWhiteNoise(site, python)
    // The first fills the system's cache.
    if (start > 0) times.ours.push(ours) && times.whitenoise.push(whitenoise)
  }
  const handler = await SERVERS.ours.start(site, { port, workers: 1, load: 'css', name: 'site.css' })
  const memory = await memoryOf(handler, site, port)
  const command = await startCommand(site, port)
  return { files, ...times, memory, commandMemory: await memoryOf(command, site, port) }
}

function startOfOurs({ staticRoot }) {
  const script = `
    const { createStaticHandler } = await import(${JSON.stringify(SERVER)})
    const began = performance.now()
    createStaticHandler({ root: ${JSON.stringify(staticRoot)} })
    console.log(performance.now() - began)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}

function startOfWhiteNoise({ project }, python) {
  const script = `
import time, wsgi
from whitenoise.middleware import WhiteNoiseMiddleware
began = time.perf_counter()
WhiteNoiseMiddleware(lambda request: None)
print((time.perf_counter() - began) * 1000)`
  writeWsgi(project)
  return Number(execFileSync(python, ['-c', script], { cwd: project, encoding: 'utf8' }))
}

function startCommand({ staticRoot }, port) {
  const args = [CLI, 'serve', staticRoot, '--port', `${port}`, '--host', '127.0.0.1']
  return startServer([process.execPath, ...args], port)
}

/** The resident set of the server's process after more and more requests; it is ended then. */
async function memoryOf(running, site, port) {
  const { paths } = JSON.parse(readFileSync(path.join(site.staticRoot, 'staticfiles.json'), 'utf8'))
  const urls = Object.values(paths).map(name => `/static/${name}`)
  const memory = [{ requests: 0, bytes: rss(running.pid) }]
  const note = requests => memory.push({ requests, bytes: rss(running.pid) })
  try {
    let requests = await askAll(port, urls)
    note(requests)
    const script = path.join(site.project, 'all.lua')
    writeFileSync(script, inTurn(urls))
    for (const until of [REQUESTS / 10, REQUESTS]) {
      while (requests < until)
        requests += wrk(running.origin, { 'Accept-Encoding': 'br' }, 5, script).requests
      note(requests)
    }
  } finally {
    await running.stop()
  }
  return memory
}

/** What wrk runs to ask for all of them in turn. */
function inTurn(urls) {
  return `local urls = { ${urls.map(url => JSON.stringify(url)).join(', ')} }
local at = 0
request = function()
  at = at % #urls + 1
  return wrk.format('GET', urls[at])
end
`
}

/** In bytes. */
function rss(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
}

async function askAll(port, urls) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const ask = url =>
    new Promise((resolve, reject) => {
      const headers = { 'Accept-Encoding': 'br' }
      get({ agent, port, host: '127.0.0.1', path: url, headers }, answer =>
        answer.resume().on('end', resolve),
      ).on('error', reject)
    })
  const queue = [...urls]
  const lane = async () => {
    for (let url = queue.pop(); url !== undefined; url = queue.pop()) await ask(url)
  }
  await Promise.all(Array.from({ length: 32 }, lane))
  agent.destroy()
  return urls.length
}
