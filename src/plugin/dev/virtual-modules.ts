import { readFile } from 'node:fs/promises'
import type { ViteDevServer } from 'vite'

/** The code that runs in pages: it swaps stylesheets. */
export const CLIENT = 'virtual:staticfiles/client'

/** What plugins put into the head of pages: React's preamble. */
export const HEAD = 'virtual:staticfiles/head'

const PREFIX = 'virtual:staticfiles/'

/** The id of a virtual module of the dev server. */
export function resolveVirtual(id: string): string | undefined {
  return id === CLIENT || id.startsWith(HEAD) ? `\0${id}` : undefined
}

/** The code of a virtual module of the dev server. */
export async function loadVirtual(id: string, server: ViteDevServer): Promise<string | undefined> {
  if (!id.startsWith(`\0${PREFIX}`)) return undefined
  if (id === `\0${CLIENT}`) return readFile(new URL('./client.js', import.meta.url), 'utf8')
  const scripts = await headScripts(server)
  const index = /(?<=\/head\/)\d+$/u.exec(id)?.[0]
  if (index !== undefined) return scripts[Number(index)] ?? ''
  return scripts.map((_, number) => `import ${JSON.stringify(`${HEAD}/${number}`)}\n`).join('')
}

const known = new WeakMap<ViteDevServer, Promise<string[]>>()

/** The module scripts that plugins put into the head of every page, as modules; Vite's client is not among them. */
function headScripts(server: ViteDevServer): Promise<string[]> {
  const scripts = known.get(server) ?? readHeadScripts(server)
  known.set(server, scripts)
  return scripts
}

const EMPTY_PAGE = '<!doctype html><html><head></head><body></body></html>'
const MODULE_SCRIPT = /<script\b([^>]*\btype="module"[^>]*)>(.*?)<\/script>/gsu

async function readHeadScripts(server: ViteDevServer): Promise<string[]> {
  const html = await server.transformIndexHtml('/', EMPTY_PAGE)
  const scripts = [...html.matchAll(MODULE_SCRIPT)].map(([, attributes = '', code = '']) => {
    const src = /\bsrc="([^"]*)"/u.exec(attributes)?.[1]
    return src === undefined ? code : `import ${JSON.stringify(src)}\n`
  })
  return scripts.filter(script => !script.includes('/@vite/client"'))
}
