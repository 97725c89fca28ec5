import { onShutdown, type ServeOptions, StaticServer } from './http-server.ts'

/** The message that a worker process sends if it cannot start. */
export interface WorkerFailure {
  readonly failure: string
  readonly code: string | undefined
}

const options: ServeOptions = JSON.parse(process.argv[2] ?? '{}')

try {
  const server = new StaticServer(options)
  process.on('SIGHUP', () => server.reload())
  onShutdown(() => server.drain().then(() => process.exit(0)))
  await server.listen(options)
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException
  const failure: WorkerFailure = { failure: message, code }
  process.send?.(failure, () => process.exit(1))
}
