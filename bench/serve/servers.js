import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { runnerImport } from 'vite'

const ROOT = path.resolve(import.meta.dirname, '../..')
const load = async file => (await runnerImport(path.join(ROOT, file))).module
const { startNginx, startServer } = await load('test/support/web-servers.ts')
const { startWhiteNoise } = await load('test/support/whitenoise.ts')

export const CORES = availableParallelism()

/** Each starts on a port with as many processes as are given. */
export const SERVERS = {
  bare: { title: 'bare Node', start: node('bare') },
  ours: { title: 'this', start: node('ours') },
  sirv: { title: 'sirv', start: node('sirv') },
  express: { title: 'express.static', start: node('express') },
  // After a connection that a client closes gunicorn answers nobody for two seconds.
  whitenoise: { title: 'gunicorn + WhiteNoise', start: startThreads, warmUp: 4 },
  nginx: { title: 'nginx', start: startGeneratedNginx },
}

function node(kind) {
  return (site, { port, workers, load, name }) => {
    const script = path.join(import.meta.dirname, 'node-server.js')
    const asked = JSON.stringify({ load, url: site.url(name) })
    const env = { NODE_ENV: 'production' }
    return startServer(
      [process.execPath, script, kind, `${port}`, `${workers}`, site.staticRoot, asked],
      port,
      { env },
    )
  }
}

function startGeneratedNginx({ project }, { port, workers }) {
  const cli = path.join(ROOT, 'dist/cli.mjs')
  const config = execFileSync(process.execPath, [cli, 'config', 'nginx'], { cwd: project, encoding: 'utf8' })
  return startNginx(config, port, { workers })
}

/** With threads, as gunicorn keeps no connection open without them. */
function startThreads({ project }, { port, workers }) {
  return startWhiteNoise(project, port, ['--workers', `${workers}`, '--threads', '4'])
}
