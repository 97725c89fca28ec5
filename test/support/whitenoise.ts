import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { servingEnvironment } from './python.ts'
import { type RunningServer, startServer } from './web-servers.ts'

/** The Python that has gunicorn and WhiteNoise. */
export async function servingPython(): Promise<string> {
  const { python, reason } = await servingEnvironment()
  if (python === undefined) throw new Error(reason)
  return python
}

/** Starts gunicorn on a Django that has nothing but WhiteNoise. */
export async function startWhiteNoise(
  project: string,
  port: number,
  flags: readonly string[] = [],
): Promise<RunningServer> {
  writeWsgi(project)
  const command = [
    await servingPython(),
    '-m',
    'gunicorn',
    '--bind',
    `127.0.0.1:${port}`,
    '--no-control-socket',
  ]
  return startServer([...command, ...flags, 'wsgi'], port, {
    ...{ cwd: project, env: { PYTHONDONTWRITEBYTECODE: '1' } },
  })
}

/** Writes `wsgi.py` beside `staticfiles/`. */
export function writeWsgi(project: string): void {
  const text = `
from pathlib import Path
from django.conf import settings
settings.configure(
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["whitenoise.middleware.WhiteNoiseMiddleware"],
    ROOT_URLCONF="wsgi",
    SECRET_KEY="x",
    STATIC_URL="/static/",
    STATIC_ROOT=Path(__file__).parent / "staticfiles",
    STORAGES={"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
)
from django.core.wsgi import get_wsgi_application
urlpatterns = []
application = get_wsgi_application()
`
  writeFileSync(path.join(project, 'wsgi.py'), text)
}
