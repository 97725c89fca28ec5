import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { untilListens } from './ports.ts'

/** A server that was started. */
export interface RunningServer {
  readonly origin: string
  /** Of the process, where it is one. */
  readonly pid?: number | undefined
  /** Answers what it printed. */
  readonly stop: () => Promise<string>
}

/** Why a program of Debian cannot be run, or `undefined`. */
export function absence(program: 'nginx' | 'caddy'): string | undefined {
  const files = PROGRAMS[program].filter(file => !existsSync(file))
  return files.length === 0
    ? undefined
    : `there is no ${files.join(' and no ')}: apt-get install ${PACKAGES[program]}`
}

const BROTLI = '/usr/lib/nginx/modules/ngx_http_brotli_static_module.so'
const PROGRAMS = { nginx: ['/usr/sbin/nginx', BROTLI], caddy: ['/usr/bin/caddy'] }
const PACKAGES = { nginx: 'nginx-light libnginx-mod-http-brotli-static', caddy: 'caddy' }

/** Starts a program and waits until its port is open. */
export async function startServer(
  [command = '', ...args]: readonly string[],
  port: number,
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<RunningServer> {
  const child = spawn(command, args, {
    ...{ cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, ...options.env },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', data => {
      printed += data
    })
  }
  try {
    await untilListens(port, () => child.exitCode !== null)
  } catch (cause) {
    child.kill()
    throw new Error(`${command} does not listen:\n${printed}`, { cause })
  }
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => stop(child).then(() => printed) }
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    child.once('exit', () => resolve())
    child.kill()
  })
}

/** How many processes answer. */
export interface NginxOptions {
  readonly workers?: number
}

/** Starts nginx on a whole `server { … }`, or on what belongs into one. */
export async function startNginx(
  config: string,
  port: number,
  { workers = 1 }: NginxOptions = {},
): Promise<RunningServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'nginx-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  )
  const server = /^server \{/m.test(config)
    ? config.replace('listen 80;', `listen 127.0.0.1:${port};`).replace('listen [::]:80;', '')
    : `server { listen 127.0.0.1:${port};\n${config}\n}`
  writeFileSync(
    path.join(folder, 'nginx.conf'),
    `load_module ${BROTLI};
daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
worker_processes ${workers};
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
access_log off;
${temporary.join('\n')}
${server}
}
`,
  )
  const running = await startServer(
    ['/usr/sbin/nginx', '-p', folder, '-c', path.join(folder, 'nginx.conf')],
    port,
  )
  return {
    ...running,
    stop: () => running.stop().finally(() => rmSync(folder, { recursive: true, force: true })),
  }
}

/** Starts Caddy on a whole site of `http://127.0.0.1:PORT`, or on what belongs into one. */
export async function startCaddy(config: string, port: number): Promise<RunningServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'caddy-'))
  const file = path.join(folder, 'Caddyfile')
  const address = `http://127.0.0.1:${port}`
  const site = config.includes(`${address} {`)
    ? config
    : `${address} {\n${config}\nhandle {\n\trespond 404\n}\n}`
  writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${site}`)
  const env = { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
  const running = await startServer(
    ['/usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', file],
    port,
    { env },
  )
  return {
    ...running,
    stop: () => running.stop().finally(() => rmSync(folder, { recursive: true, force: true })),
  }
}
