// `npm run bench`: what the plugin adds to `vite dev`, always side by side with Vite alone.
//
// 1. Cold start: a project of 10,000 static files, a new process each time, in turns with and without the plugin.
// 2. A request for a 4 KB file: from a location, and from Vite's own public folder, in turns over one connection each.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createServer } from 'vite'
import { staticfiles } from '../dist/index.mjs'

const APPS = 20
const FILES = 10_000
const STARTS = 15
const BATCHES = 40
const BATCH = 250

const root = mkdtempSync(path.join(tmpdir(), 'staticfiles-bench-'))
try {
  makeProject()
  coldStarts()
  await requests()
} finally {
  rmSync(root, { recursive: true, force: true })
}

function makeProject() {
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }')
  const folders = [
    'static/site',
    ...Array.from({ length: APPS - 1 }, (_, app) => `apps/app${app}/static/app${app}`),
  ]
  for (const folder of folders) mkdirSync(path.join(root, folder), { recursive: true })
  for (let file = 0; file < FILES; file++) {
    writeFileSync(path.join(root, folders[file % APPS], `file${file}.css`), `.file${file} { color: red }\n`)
  }
  mkdirSync(path.join(root, 'public'))
  const bytes = 'x'.repeat(4096)
  writeFileSync(path.join(root, 'public/public.txt'), bytes)
  // In the last location: all before it are asked first.
  writeFileSync(path.join(root, `apps/app${APPS - 2}/static/own.txt`), bytes)
}

function coldStarts() {
  const start = kind =>
    Number(execFileSync(process.execPath, [path.join(import.meta.dirname, 'dev-start.js'), root, kind]))
  start('plain')
  start('plugin')
  const pairs = Array.from({ length: STARTS }, () => [start('plain'), start('plugin')])
  const plain = pairs.map(([time]) => time)
  const plugin = pairs.map(([, time]) => time)
  const added = pairs.map(([alone, ours]) => ours - alone)
  console.log(`Cold start with ${FILES} static files in ${APPS} locations, ${STARTS} pairs:`)
  console.log(`  Vite alone       ${describe(plain, 'ms')}`)
  console.log(`  with the plugin  ${describe(plugin, 'ms')}`)
  console.log(`  added            ${describe(added, 'ms')}`)
}

async function requests() {
  const options = { root, configFile: false, base: '/static/', appType: 'custom', logLevel: 'silent' }
  const server = { port: 0, host: '127.0.0.1', watch: null, ws: false }
  const alone = await (await createServer({ ...options, server })).listen()
  const ours = await (
    await createServer({
      ...options,
      server,
      plugins: [staticfiles({ dirs: ['static'], apps: ['apps/*'] })],
    })
  ).listen()
  const publicFile = requester(alone, '/static/public.txt')
  const ownFile = requester(ours, '/static/own.txt')
  await batch(publicFile)
  await batch(ownFile)
  const pairs = []
  for (let round = 0; round < BATCHES; round++) pairs.push([await batch(publicFile), await batch(ownFile)])
  const theirTimes = pairs.map(([time]) => time)
  const ourTimes = pairs.map(([, time]) => time)
  const ratios = pairs.map(([theirs, own]) => own / theirs)
  console.log(`A request for 4 KB, ${BATCHES} pairs of ${BATCH} requests:`)
  console.log(`  Vite's public folder  ${describe(theirTimes, 'µs')}`)
  console.log(`  a location            ${describe(ourTimes, 'µs')}`)
  console.log(`  ratio                 ${describe(ratios, '')}`)
  await Promise.all([alone.close(), ours.close()])
}

function requester(server, urlPath) {
  const { port } = server.httpServer.address()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return () =>
    new Promise((resolve, reject) => {
      get({ agent, port, host: '127.0.0.1', path: urlPath }, response => {
        let size = 0
        response.on('data', data => {
          size += data.length
        })
        response.on('end', () => (size === 4096 ? resolve() : reject(new Error(`${urlPath}: ${size} bytes`))))
      }).on('error', reject)
    })
}

/** Microseconds per request. */
async function batch(request) {
  const began = performance.now()
  for (let count = 0; count < BATCH; count++) await request()
  return ((performance.now() - began) * 1000) / BATCH
}

function describe(values, unit) {
  const sorted = values.toSorted((one, other) => one - other)
  const shown = value => `${value.toFixed(unit === '' ? 2 : 0)}${unit && ` ${unit}`}`
  return `median ${shown(sorted[sorted.length >> 1])} (${shown(sorted[0])} to ${shown(sorted.at(-1))})`
}
