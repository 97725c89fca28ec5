// `npm run bench:serve [LOAD …] [one|cores]`: requests a second of static files, side by side with other servers.
//
// Each server is started alone, checked, warmed up and loaded by wrk over 64 connections, in turns; a ratio is that of two
// servers in one round. `handler` compares the handler with a constant answer in one process, `start` measures start and memory at
// 10,000 files (BENCH_REQUESTS says after how many requests). Where others use the machine too, what a request takes of a processor says more than requests a second.
// The results of all loads that were ever measured are in .cache/bench-serve.json, from which
// docs/serving.md is written.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cpuOf } from './serve/cpu.js'
import { measureHandler } from './serve/handler.js'
import { bodyOf, LOADS } from './serve/loads.js'
import { compare, writeReport } from './serve/report.js'
import { CORES, SERVERS } from './serve/servers.js'
import { buildSite } from './serve/site.js'
import { measureStart } from './serve/start.js'
import { ask, freePort, wrk } from './serve/wrk.js'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const WARM_UP = 1
const SECONDS = 1
const RESULTS = path.resolve(import.meta.dirname, '../.cache/bench-serve.json')

if (spawnSync('wrk', ['-v']).error) {
  console.error('There is no wrk: apt-get install wrk, or see https://github.com/wg/wrk')
  process.exit(1)
}

const FILES = 10_000
/** Processes, by what the command line calls them. */
const PROCESSES = { one: 1, cores: CORES }

const measurements = [...Object.keys(LOADS), 'handler', 'start']
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !measurements.includes(name) && !(name in PROCESSES))
if (unknown.length > 0)
  throw new Error(
    `there is no ${unknown[0]}; there are ${[...measurements, ...Object.keys(PROCESSES)].join(', ')}`,
  )

for (const name of those(measurements)) {
  const site = await buildSite(name === 'start' ? FILES : 0)
  try {
    if (name === 'handler') save('handler', await measureHandler(site))
    else if (name === 'start') save('start', await measureStart(site, FILES, await freePort()))
    else await measureLoad(name, site)
  } finally {
    rmSync(site.project, { recursive: true, force: true })
  }
}
writeReport(JSON.parse(readFileSync(RESULTS, 'utf8')))

/** What of a list was asked for; all of it where nothing was. */
function those(names) {
  const some = names.filter(name => asked.includes(name))
  return some.length > 0 ? some : names
}

async function measureLoad(load, site) {
  for (const key of those(Object.keys(PROCESSES))) {
    const rounds = await measure(load, PROCESSES[key], site)
    print(load, PROCESSES[key], rounds)
    save(`${load} ${key}`, rounds)
  }
}

/** By server, one for each round: requests a second, and what one takes of a processor, in microseconds. */
async function measure(load, workers, site) {
  const rounds = Object.fromEntries(Object.keys(SERVERS).map(name => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server] of turned(Object.entries(SERVERS), round)) {
      const port = await freePort()
      const running = await server.start(site, { port, workers, load, name: LOADS[load].name })
      try {
        const url = `${running.origin}${site.url(LOADS[load].name)}`
        const headers = await prepare(load, url, name, site)
        wrk(url, headers, server.warmUp ?? WARM_UP)
        const before = cpuOf(running.pid)
        const { rate, requests } = wrk(url, headers, SECONDS)
        rounds[name].push({ rate, cpu: ((cpuOf(running.pid) - before) / requests) * 1e6 })
      } finally {
        await running.stop()
      }
    }
  }
  return rounds
}

/** Another one is the first in each round: who comes when must not count. */
function turned(list, round) {
  const first = round % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}

/** Looks that the answer is the right one. Only Express, which has no siblings, may send the file itself. */
async function prepare(load, url, name, site) {
  const { status, headers } = LOADS[load]
  const first = await ask(url, headers)
  const sent = status === 304 ? { ...headers, 'If-None-Match': first.headers.etag } : headers
  const answer = await ask(url, sent)
  if (answer.status !== status) throw new Error(`${name} answers ${load} with ${answer.status}`)
  const expected = bodyOf(LOADS[load], site).length
  if (status === 200 && name !== 'express' && answer.body.length !== expected)
    throw new Error(`${name} answers ${load} with ${answer.body.length} bytes, not ${expected}`)
  return sent
}

function save(cell, result) {
  const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
  writeFileSync(RESULTS, JSON.stringify({ ...results, [cell]: result }))
}

function print(load, workers, rounds) {
  console.log(`${LOADS[load].title}, ${workers === 1 ? 'one process' : `${workers} processes`}:`)
  console.log(`  ${''.padEnd(22)}  requests/s  this / it  CPU µs a request  it / this`)
  for (const [name, { title }] of Object.entries(SERVERS)) {
    const { rate, rateRatio, cpu, cpuRatio } = compare(rounds, name)
    const cells = [Math.round(rate), rateRatio.toFixed(2), cpu.toFixed(0), cpuRatio.toFixed(2)]
    console.log(
      `  ${title.padEnd(22)}  ${cells.map((each, index) => `${each}`.padStart([10, 9, 16, 9][index])).join('  ')}`,
    )
  }
}
