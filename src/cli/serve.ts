import { type Command, wholeNumber } from './arguments.ts'
import { openProject } from './project.ts'

/** Vite's preview of STATIC_ROOT. */
export const serveCommand: Command = {
  name: 'serve',
  takes: '',
  summary: 'serve what the last build wrote: `vite preview`',
  description:
    'Serves STATIC_ROOT below STATIC_URL with `vite preview`, to look at it. It is no server for production.',
  flags: {
    port: { type: 'string', value: 'PORT', help: 'default: 4173, or preview.port of the Vite configuration' },
    host: {
      type: 'string',
      value: 'HOST',
      help: 'default: localhost, or preview.host of the Vite configuration',
    },
  },
  async run(given) {
    const { vite, config } = await openProject(given)
    const [port, host] = [wholeNumber(given, 'port'), given.value('host')]
    const preview = {
      ...(port !== undefined && { port, strictPort: true }),
      ...(host !== undefined && { host }),
    }
    const server = await vite.preview({ ...config, preview })
    server.printUrls()
    await new Promise(resolve => server.httpServer.once('close', resolve))
    return true
  },
}
