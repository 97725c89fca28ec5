import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { runnerImport } from 'vite'

const ROOT = path.resolve(import.meta.dirname, '../..')
const load = async file => (await runnerImport(path.join(ROOT, file))).module
const { startNginx, startServer } = await load('test/support/web-servers.ts')
const { servingEnvironment } = await load('test/setup/python.ts')

export const CORES = availableParallelism()

/** Each starts on a port with as many processes as are given. */
export const SERVERS = {
  bare: { title: 'bare Node', start: node('bare') },
  ours: { title: 'this', start: node('ours') },
  sirv: { title: 'sirv', start: node('sirv') },
  express: { title: 'express.static', start: node('express') },
  whitenoise: { title: 'gunicorn + WhiteNoise', start: startWhiteNoise },
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

/** Threads, as gunicorn keeps no connection open without them. */
async function startWhiteNoise({ project, staticRoot }, { port, workers }) {
  const { python, reason } = await servingEnvironment()
  if (!python) throw new Error(reason)
  writeFileSync(path.join(project, 'wsgi.py'), wsgi(staticRoot))
  const command = [
    python,
    '-m',
    'gunicorn',
    '--bind',
    `127.0.0.1:${port}`,
    '--workers',
    `${workers}`,
    '--threads',
    '4',
    'wsgi',
  ]
  return startServer([...command, '--no-control-socket'], port, { cwd: project })
}

export function wsgi(staticRoot) {
  return `
from django.conf import settings
settings.configure(
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["whitenoise.middleware.WhiteNoiseMiddleware"],
    ROOT_URLCONF="wsgi",
    SECRET_KEY="x",
    STATIC_URL="/static/",
    STATIC_ROOT=${JSON.stringify(staticRoot)},
    STORAGES={"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
)
from django.core.wsgi import get_wsgi_application
urlpatterns = []
application = get_wsgi_application()
`
}
