import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** How long the request may take, in milliseconds. */
const LONGEST = 1000

/** The servers that do not tell Django, unlike `runserver`, that a template has changed. */
const OTHERS = /^(?:uvicorn|gunicorn|hypercorn|granian)\b/iu

/**
 * Finds out which server Django runs under.
 * @returns its name if it keeps parsed templates until it restarts, otherwise `undefined`
 */
export async function serverThatKeepsTemplates(origin: string): Promise<string | undefined> {
  const name = await serverName(origin)
  return OTHERS.exec(name)?.[0].toLowerCase()
}

/** Returns the `Server` header. The request disturbs nobody, because browsers make it to every site. */
function serverName(origin: string): Promise<string> {
  const url = new URL('/favicon.ico', origin)
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise(resolve => {
    const asked = ask(url, { method: 'HEAD', timeout: LONGEST }, ({ headers }) => {
      resolve(String(headers.server ?? ''))
      asked.destroy()
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(''))
    asked.end()
  })
}

/** Returns what the terminal says about such a server. */
export function describeKeptTemplates(server: string): string {
  return (
    `Django runs under ${server}, which keeps parsed templates until it restarts: pages may show the old text.\n` +
    `${RESTARTS[server] ?? 'Restart it after an edit'}, take manage.py runserver, or name loaders that keep nothing in the settings for development:\n` +
    '  TEMPLATES[0]["APP_DIRS"] = False\n' +
    '  TEMPLATES[0]["OPTIONS"]["loaders"] = ["django.template.loaders.filesystem.Loader", ' +
    '"django.template.loaders.app_directories.Loader"]'
  )
}

const RESTARTS: Readonly<Record<string, string>> = {
  uvicorn: "Start it with --reload --reload-include '*.html' (which needs the package watchfiles)",
  gunicorn: 'Start it with --reload and --reload-extra-file for each template',
}
