import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { freePort } from '../support/processes.ts'
import { BASH, projectEnvironment, shell } from './mysite.ts'

/** The commands of a block, one a line or joined by `&&`, without comments. */
export function commandsOf(text: string): string[] {
  return text
    .split('\n')
    .flatMap(line => line.replace(/(?:^|\s)#.*$/u, '').split(' && '))
    .map(command => command.trim())
    .filter(Boolean)
}

/** Commands that end only when they are told to, with what they print once they run; `0` is a free port. */
const LASTING: Readonly<Record<string, readonly [command: string, ready: RegExp]>> = {
  'python manage.py runserver': ['python manage.py runserver 0', /Starting .*development server/u],
  'npx vite': ['npx vite --port 0', /ready in/u],
  'npx vite build --watch --mode development': ['npx vite build --watch --mode development', /built in/u],
}

function serving(command: string): readonly [command: string, ready: RegExp] | undefined {
  if (!command.startsWith('npx staticfiles serve')) return undefined
  return [`${command.replace(/ --port \d+/u, '')} --port 0`, /http:\/\//u]
}

/** Installing needs a network, and this package from npm: test/docs/quick-start.test.ts does it with the packed one. */
const INSTALLING = /^(?:npm (?:install --save-dev|ci)|pip install)\b/u

/** Runs a command of a page in a project; one that lasts is ended when the test is. */
export async function run(root: string, command: string): Promise<void> {
  const lasting = LASTING[command] ?? serving(command)
  if (lasting) return starts(root, ...lasting)
  if (INSTALLING.test(command)) return installs(command)
  const npx = /^(?:\w+=\S+ )?npx (\S+)/u.exec(command)?.[1]
  if (npx !== undefined && !['vite', 'staticfiles'].includes(npx)) throw new Error(`there is no ${npx} here`)
  shell(root, command)
}

/** What a project of somebody installs. */
const PACKAGES = new Set([
  'vite',
  'vite-plugin-staticfiles',
  '-r',
  'requirements.txt',
  './path/to/vite-plugin-staticfiles-0.1.0.tgz',
])

function installs(command: string): void {
  const names = command.replace(INSTALLING, '').trim().split(/\s+/u).filter(Boolean)
  const unknown = names.filter(name => !PACKAGES.has(name))
  if (unknown.length > 0) throw new Error(`${command}: ${unknown} is not known here`)
}

/** Starts a command, and waits until it has printed that it runs. */
export async function starts(root: string, command: string, ready: RegExp): Promise<void> {
  const line = command.includes('runserver') ? command.replace(/ 0$/u, ` ${await freePort()}`) : command
  // A group of its own: npx and runserver have children.
  const child = spawn('bash', [...BASH, '-c', `exec ${line}`], {
    cwd: root,
    env: { ...projectEnvironment(root), PYTHONUNBUFFERED: '1' },
    detached: true,
  })
  onTestFinished(() => stop(child))
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', data => {
        output += data
        if (ready.test(output)) resolve()
      })
    }
    child.once('exit', code => reject(new Error(`${line}: exit code ${code}\n${output}`)))
  })
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
}
