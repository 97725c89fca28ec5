import type { InlineConfig, ViteDevServer } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { staticfiles } from 'vite-plugin-staticfiles'
import { onTestFinished } from 'vitest'
import { freePort } from './processes.ts'

/** A dev server that listens. */
export interface DevServer {
  readonly server: ViteDevServer
  /** `http://localhost:40123` */
  readonly origin: string
  /** What the terminal shows. */
  readonly output: string[]
}

type Vite = Pick<typeof import('vite'), 'createServer' | 'preview'>

/** Every version of Vite that the package supports. */
export const devVites: Record<string, () => Promise<Vite>> = {
  'Vite 6': () => import('vite6') as unknown as Promise<Vite>,
  'Vite 7': () => import('vite7') as unknown as Promise<Vite>,
  'Vite 8': () => import('vite'),
}

/** Starts `vite dev` over a folder; it stops when the test ends. */
export async function startDevServer(
  root: string,
  options: Options,
  { version = 'Vite 8', config = {} }: { version?: string; config?: InlineConfig } = {},
): Promise<DevServer> {
  // Vite 6 and 7 take 0 for their default.
  const port = await freePort()
  const { createServer } = await devVites[version]!()
  const output: string[] = []
  const log = (message: string) => output.push(message)
  const server = await createServer({
    root,
    configFile: false,
    cacheDir: `${root}/.vite`,
    customLogger: {
      ...{ info: log, warn: log, warnOnce: log, error: log, clearScreen: () => {} },
      hasWarned: false,
      hasErrorLogged: () => false,
    },
    ...config,
    server: { port, host: 'localhost', ...config.server },
    plugins: [staticfiles(options), config.plugins],
  })
  onTestFinished(() => server.close())
  await server.listen()
  return { server, origin: `http://localhost:${port}`, output }
}
