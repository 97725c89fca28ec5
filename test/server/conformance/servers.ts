import { spawnSync } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { preview } from 'vite'
import { createStaticHandler } from 'vite-plugin-staticfiles/server'
import { freePort } from '../../support/processes.ts'
import { staticfilesCommand } from '../../support/project.ts'
import { servingEnvironment } from '../../support/python.ts'
import { absence, type RunningServer, startCaddy, startNginx } from '../../support/web-servers.ts'
import { startWhiteNoise } from '../../support/whitenoise.ts'
import type { BuiltSite } from './site.ts'

/** A column of the table. */
export interface ServerUnderTest {
  readonly name: string
  /** Of what is not pinned here: another version may do otherwise. */
  readonly version?: () => string
  /** Why it cannot be started here. */
  readonly absence?: () => Promise<string | undefined>
  readonly start: (site: BuiltSite) => Promise<RunningServer>
}

async function listen(listener: RequestListener): Promise<RunningServer> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () => new Promise<string>(resolve => server.close(() => resolve('')))
  return { origin: `http://127.0.0.1:${port}`, stop }
}

async function startPreview({ project }: BuiltSite): Promise<RunningServer> {
  const port = await freePort()
  const server = await preview({
    ...{ root: project, configFile: path.join(project, 'vite.config.js'), logLevel: 'silent' },
    preview: { host: '127.0.0.1', port, strictPort: true },
  })
  return { origin: `http://127.0.0.1:${port}`, stop: () => server.close().then(() => '') }
}

/** Its types would be five packages more. */
function startExpress({ staticRoot }: BuiltSite): Promise<RunningServer> {
  const express = createRequire(import.meta.url)('express')
  return listen(express().use(createStaticHandler({ root: staticRoot })))
}

/** What `staticfiles config` writes for the project. */
export function configOf({ project }: BuiltSite, ...args: string[]): string {
  const { code, stdout, stderr } = staticfilesCommand(project, ['config', ...args])
  if (code !== 0) throw new Error(stderr)
  return stdout
}

function versionOf(program: string, flag: string): string {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? ''
}

/** The server's name in the table. */
export function titleOf({ name, version }: ServerUnderTest): string {
  return [name, version?.()].filter(Boolean).join(' ')
}

/** In the order of the table. */
export const SERVERS: readonly ServerUnderTest[] = [
  { name: 'Node', start: ({ staticRoot }) => listen(createStaticHandler({ root: staticRoot })) },
  { name: 'Express', start: startExpress },
  { name: '`vite preview`', start: startPreview },
  {
    name: 'nginx',
    version: () => versionOf('/usr/sbin/nginx', '-v'),
    absence: async () => absence('nginx'),
    start: async site => startNginx(configOf(site, 'nginx'), await freePort()),
  },
  {
    name: 'Caddy',
    version: () => versionOf('/usr/bin/caddy', 'version'),
    absence: async () => absence('caddy'),
    start: async site => startCaddy(configOf(site, 'caddy'), await freePort()),
  },
  {
    name: 'WhiteNoise',
    absence: async () => (await servingEnvironment()).reason,
    start: async ({ project }) => startWhiteNoise(project, await freePort()),
  },
]
