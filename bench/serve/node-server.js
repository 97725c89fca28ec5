// A server in a process of its own: node node-server.js KIND PORT WORKERS STATIC_ROOT [LOAD]
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import path from 'node:path'
import { bodyOf, LOADS } from './loads.js'

const [kind, port, workers, staticRoot, load] = process.argv.slice(2)

if (Number(workers) > 1 && cluster.isPrimary) {
  for (let worker = 0; worker < Number(workers); worker++) cluster.fork()
} else {
  createServer(await LISTENERS()[kind]()).listen(Number(port), '127.0.0.1')
}

function LISTENERS() {
  return { bare, ours, sirv, express }
}

/** Ends each request with a constant buffer, and headers that are known before: the least that Node's HTTP does. */
async function bare() {
  const site = JSON.parse(load)
  const { status, type } = LOADS[site.load]
  const body = bodyOf(LOADS[site.load], { staticRoot, url: () => site.url })
  const headers = [
    ...(type ? ['Content-Type', type, 'Content-Length', `${body.length}`] : []),
    ...(type && !type.startsWith('image') ? ['Content-Encoding', 'br', 'Vary', 'Accept-Encoding'] : []),
    ...['Cache-Control', 'public, max-age=31536000, immutable', 'ETag', '"0123456789abcdef-br"'],
    ...['Last-Modified', new Date().toUTCString(), 'X-Content-Type-Options', 'nosniff'],
    ...['Access-Control-Allow-Origin', '*'],
  ]
  return (_, res) => {
    res.writeHead(status, headers)
    if (status === 304) res.end()
    else res.end(body)
  }
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
