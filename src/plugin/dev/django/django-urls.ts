import type { Connect } from 'vite'
import type { DevServer } from '../dev-server.ts'

/**
 * Without `proxy`, redirects to Django what a stylesheet or script from Vite's port requests from it, such as
 * `/media/photo.jpg`, because in production both have one origin.
 */
export function djangoUrls(dev: DevServer): Connect.NextHandleFunction {
  return (req, res, next) => {
    const { options, djangoOrigin } = dev
    const url = req.originalUrl ?? ''
    if (!isDjangos(url, dev) || !['GET', 'HEAD'].includes(req.method ?? '')) return next()
    res.setHeader('Cache-Control', 'no-store')
    if (djangoOrigin !== undefined && new URL(djangoOrigin).host !== req.headers.host) {
      return void res.writeHead(307, { Location: djangoOrigin + url }).end()
    }
    res.writeHead(404, { 'Content-Type': 'text/plain;charset=utf-8' })
    res.end(
      `${url}: this is Vite's port, which has only what lies below ${options.staticPath}.\n` +
        "A URL without a host in a stylesheet or script from this port leads here. Vite sends it on to Django's origin as soon as " +
        'a page of Django has loaded a module from here. Or let Vite serve the whole site: set `proxy` to the origin of Django.\n',
    )
  }
}

/** Whether a URL is Django's. Vite redirects `/` to its base, and with another `appType` it serves pages itself. */
function isDjangos(url: string, { server, options }: DevServer): boolean {
  if (options.proxy !== undefined || server.config.appType !== 'custom') return false
  const own = [server.config.base, options.staticPath]
  const [path = ''] = url.split('?', 1)
  const isVites = ['/', '/index.html'].includes(path) || own.some(prefix => `${path}/`.startsWith(prefix))
  return url.startsWith('/') && !isVites
}

/** Adds a middleware before the one with which Vite responds to all URLs outside its base. */
export function useBeforeBase(
  { middlewares }: DevServer['server'],
  middleware: Connect.NextHandleFunction,
): void {
  const base = middlewares.stack.findIndex(
    ({ handle }) => (handle as { name?: string }).name === 'viteBaseMiddleware',
  )
  if (base !== -1) middlewares.stack.splice(base, 0, { route: '', handle: middleware })
}
