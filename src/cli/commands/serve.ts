import path from 'node:path'
import pc from 'picocolors'
import { StaticFilesError } from '../../base/errors.ts'
import { count, nearby } from '../../base/text/wording.ts'
import { onShutdown, type ServeOptions, StaticServer } from '../../server/processes/http-server.ts'
import { Workers } from '../../server/processes/workers.ts'
import { type Arguments, type Command, UsageError, wholeNumber } from '../arguments.ts'
import { readConfig } from '../project.ts'

/** Starts the static server as a process of its own. */
export const serveCommand: Command = {
  name: 'serve',
  takes: '[FOLDER]',
  summary: 'serve what the last build wrote',
  description:
    'Serves STATIC_ROOT below STATIC_URL, and each new build as soon as its manifest is there, or at SIGHUP. SIGTERM ends it when all\n' +
    'requests under way have their responses. With FOLDER it serves that one, and needs neither a Vite configuration nor Vite.',
  flags: {
    port: { type: 'string', value: 'PORT', help: 'default: 4173, or preview.port of the Vite configuration' },
    host: {
      type: 'string',
      value: 'HOST',
      help: 'default: localhost, or preview.host of the Vite configuration',
    },
    workers: {
      type: 'string',
      value: 'N',
      help: 'how many processes serve; one that crashes is replaced; default: 1',
    },
    url: { type: 'string', value: 'URL', help: 'STATIC_URL for FOLDER; default: /static/' },
  },
  async run(given) {
    const workers = wholeNumber(given, 'workers') ?? 1
    if (workers < 1) throw new UsageError('--workers takes a whole number above 0')
    const options = given.names.length > 0 ? folderOptions(given) : await projectOptions(given)
    const server = await started(options, workers).catch(error => {
      throw listenError(error, options)
    })
    if (server && given.verbosity > 0) announce(options, server.port, workers)
    await server?.ended
    return true
  },
}

/** The port of `vite preview`. */
const PREVIEW_PORT = 4173

function folderOptions(given: Arguments): ServeOptions {
  const [folder = '', another] = given.names
  if (another !== undefined)
    throw new UsageError(`\`staticfiles serve\` serves one folder, not '${another}' too`)
  return {
    files: { root: path.resolve(folder), staticUrl: given.value('url') ?? '/static/' },
    port: wholeNumber(given, 'port') ?? PREVIEW_PORT,
    host: given.value('host') ?? 'localhost',
  }
}

async function projectOptions(given: Arguments): Promise<ServeOptions> {
  if (given.has('url') || given.value('url') !== undefined) {
    throw new UsageError('--url belongs to FOLDER: without one the configuration has the URL')
  }
  const { project, config } = await readConfig(given)
  const { staticRoot: root, staticUrl, manifest } = project.options
  const { port, host } = config.preview
  return {
    files: { root, staticUrl, manifest },
    port: wholeNumber(given, 'port') ?? port,
    // With `true` Vite listens on all addresses.
    host: given.value('host') ?? (host === true ? undefined : host || 'localhost'),
  }
}

/**
 * Starts one server in this process, or several in a cluster.
 * @returns `undefined` if a signal ended them at once
 */
async function started(
  options: ServeOptions,
  workers: number,
): Promise<{ port: number; ended: Promise<void> } | undefined> {
  if (workers > 1) {
    const processes = new Workers()
    const address = await processes.start(workers, options)
    return address && { port: address.port, ended: processes.ended() }
  }
  const server = new StaticServer(options)
  process.on('SIGHUP', () => server.reload())
  const ended = new Promise<void>(resolve => onShutdown(() => server.drain().then(resolve)))
  const { port } = await server.listen(options)
  return { port, ended }
}

/** Makes the error that says why the server cannot listen. Any other error stays as it is. */
function listenError(cause: NodeJS.ErrnoException, { host, port }: ServeOptions): Error {
  if (cause.code === undefined) return cause
  const message =
    cause.code === 'EADDRINUSE'
      ? `something listens on port ${port} already: give another with --port`
      : `cannot listen on ${host ?? 'all addresses'}, port ${port}: ${cause.message}`
  return new StaticFilesError(message, { cause })
}

function announce({ files, host }: ServeOptions, port: number, workers: number): void {
  const name = host === undefined ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const { pathname } = new URL(files.staticUrl, `http://${name}`)
  const url = pc.cyan(`http://${name}:${port}${pathname}`)
  console.log(
    `${nearby(files.root)} is served at ${url}${workers > 1 ? ` by ${count(workers, 'worker')}` : ''}`,
  )
}
