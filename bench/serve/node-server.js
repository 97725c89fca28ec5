// A server in a process of its own: node node-server.js KIND PORT WORKERS STATIC_ROOT [LOAD]
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import path from 'node:path'
import { constantListener } from './constant.js'

const [kind, port, workers, staticRoot, load] = process.argv.slice(2)

if (Number(workers) > 1 && cluster.isPrimary) {
  for (let worker = 0; worker < Number(workers); worker++) cluster.fork()
} else {
  createServer(await LISTENERS()[kind]()).listen(Number(port), '127.0.0.1')
}

function LISTENERS() {
  return { bare, ours, sirv, express }
}

/** Ends each request with what the handler answers, as a constant: the least that Node's HTTP does. */
async function bare() {
  return constantListener(await ours(), JSON.parse(load))
}

async function ours() {
  const { createStaticHandler } = await import('../../dist/server.mjs')
  return createStaticHandler({ root: staticRoot })
}

/** In production mode: it looks for files once, when it starts. */
async function sirv() {
  const { default: create } = await import('sirv')
  const serve = create(path.resolve(staticRoot), {
    brotli: true,
    gzip: true,
    etag: true,
    maxAge: 31536000,
    immutable: true,
  })
  return (req, res) => {
    req.url = req.url.slice('/static'.length)
    serve(req, res)
  }
}

async function express() {
  const { default: create } = await import('express')
  return create().use('/static', create.static(staticRoot, { maxAge: '1y', immutable: true }))
}
