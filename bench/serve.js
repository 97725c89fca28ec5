// `npm run bench:serve [LOAD …]`: requests a second of static files, side by side with other servers.
//
// Each server is started alone, checked, warmed up and loaded by wrk over 64 connections, in turns; a ratio is that of two
// servers in one round. The results of all loads that were ever measured are in .cache/bench-serve.json, from which
// docs/serving.md is written.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { bodyOf, LOADS } from './serve/loads.js'
import { median, writeReport } from './serve/report.js'
import { CORES, SERVERS } from './serve/servers.js'
import { buildSite } from './serve/site.js'
import { measureStart } from './serve/start.js'

const ROUNDS = 3
const SECONDS = 2
const CONNECTIONS = 64
const RESULTS = path.resolve(import.meta.dirname, '../.cache/bench-serve.json')

if (spawnSync('wrk', ['-v']).error) {
  console.error('There is no wrk: apt-get install wrk, or see https://github.com/wg/wrk')
  process.exit(1)
}

const FILES = 10_000
const asked = process.argv.slice(2)
const all = [...Object.keys(LOADS), 'start']
for (const name of asked.length > 0 ? asked : all) {
  if (!all.includes(name)) throw new Error(`there is no load '${name}'; there are ${all.join(', ')}`)
  const site = await buildSite(name === 'start' ? FILES : 0)
  try {
    if (name === 'start') save('start', await measureStart(site, FILES, await freePort()))
    else await measureLoad(name, site)
  } finally {
    rmSync(site.project, { recursive: true, force: true })
  }
}
writeReport(JSON.parse(readFileSync(RESULTS, 'utf8')))

async function measureLoad(load, site) {
  for (const workers of [1, CORES]) {
    const rates = await measure(load, workers, site)
    print(load, workers, rates)
    save(`${load} ${workers === 1 ? 'one' : 'cores'}`, rates)
  }
}

/** Requests a second by server, one number a round. */
async function measure(load, workers, site) {
  const rates = Object.fromEntries(Object.keys(SERVERS).map(name => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server] of Object.entries(SERVERS)) {
      const port = await freePort()
      const running = await server.start(site, { port, workers, load, name: LOADS[load].name })
      try {
        const url = `${running.origin}${site.url(LOADS[load].name)}`
        const headers = await prepare(load, url, name, site)
        wrk(url, headers, 1)
        rates[name].push(wrk(url, headers, SECONDS))
      } finally {
        await running.stop()
      }
    }
  }
  return rates
}

/** Looks that the answer is the right one. Only Express, which has no siblings, may send the file itself. */
async function prepare(load, url, name, site) {
  const { status, headers } = LOADS[load]
  const first = await fetch(url, { headers })
  const sent = status === 304 ? { ...headers, 'If-None-Match': first.headers.get('etag') } : headers
  const answer = await fetch(url, { headers: sent })
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== status) throw new Error(`${name} answers ${load} with ${answer.status}`)
  if (status !== 200) return sent
  const length = Number(answer.headers.get('content-length') ?? body.length)
  if (name !== 'express' && length !== bodyOf(LOADS[load], site).length)
    throw new Error(`${name} answers ${load} with ${length} bytes`)
  return sent
}

/** Requests a second. */
function wrk(url, headers, seconds) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, ...lines, url]
  const printed = execFileSync('wrk', args, { encoding: 'utf8' })
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(printed) ?? []
  if (rate === undefined) throw new Error(printed)
  return Number(rate)
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function save(cell, rates) {
  const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
  writeFileSync(RESULTS, JSON.stringify({ ...results, [cell]: rates }))
}

function print(load, workers, rates) {
  console.log(
    `${LOADS[load].title}, ${workers === 1 ? 'one process' : `${workers} processes`}, requests a second:`,
  )
  for (const [name, { title }] of Object.entries(SERVERS)) {
    const ratio = median(rates.ours.map((rate, round) => rate / rates[name][round]))
    console.log(
      `  ${title.padEnd(22)} ${Math.round(median(rates[name])).toString().padStart(7)}   this / it ${ratio.toFixed(2)}`,
    )
  }
}
