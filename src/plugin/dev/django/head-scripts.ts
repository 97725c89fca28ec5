import type { Connect, ViteDevServer } from 'vite'
import { type DevServer, OWN_PREFIX } from '../dev-server.ts'

/** The name of the module that runs the scripts that plugins add to the head of pages, such as React's preamble. */
export const HEAD_SCRIPTS: string = `${OWN_PREFIX}head.js`

/**
 * Serves the module scripts that plugins add to the head of every page as modules that an entry can import. Vite does not
 * get them, because they are written for browsers and it would resolve their imports again.
 */
export function headScripts({ server, options }: DevServer): Connect.NextHandleFunction {
  const start = options.staticPath + OWN_PREFIX
  let reading: Promise<string[]> | undefined
  return async (req, res, next) => {
    const { url = '' } = req
    const [asked, number] = /^head(?:-(\d+))?\.js(?=\?|$)/u.exec(url.slice(start.length)) ?? []
    if (!url.startsWith(start) || asked === undefined) return next()
    try {
      reading ??= readHeadScripts(server)
      const scripts = await reading
      const imports = scripts.map((_, index) => `import './head-${index}.js'\n`).join('')
      res.writeHead(200, { 'Content-Type': 'text/javascript;charset=utf-8', 'Cache-Control': 'no-cache' })
      res.end(number === undefined ? imports : (scripts[Number(number)] ?? ''))
    } catch (error) {
      reading = undefined
      next(error)
    }
  }
}

const EMPTY_PAGE = '<!doctype html><html><head></head><body></body></html>'
const MODULE_SCRIPT = /<script\b([^>]*\btype="module"[^>]*)>(.*?)<\/script>/gsu

/** Reads the scripts without Vite's own client, which modules import if they need it. */
async function readHeadScripts(server: ViteDevServer): Promise<string[]> {
  const html = await server.transformIndexHtml('/', EMPTY_PAGE)
  const scripts = [...html.matchAll(MODULE_SCRIPT)].map(([, attributes = '', code = '']) => {
    const src = /\bsrc="([^"]*)"/u.exec(attributes)?.[1]
    return src === undefined ? code : `import ${JSON.stringify(src)}\n`
  })
  return scripts.filter(script => !script.includes('/@vite/client"'))
}
