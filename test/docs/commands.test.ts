import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/processes.ts'
import { buildMysite, mysite, projectEnvironment, shell } from './mysite.ts'
import { type Block, blocksOf, ROOT } from './pages.ts'
import { describeDocs } from './python.ts'

/** The commands of a block, one a line or joined by `&&`, without comments. */
function commandsOf(text: string): string[] {
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

/** Installing needs a network, and this package from npm: test/docs/quick-start.test.ts does it with the packed one. */
const INSTALLING = /^(?:npm (?:install --save-dev|ci)|pip install)\b/u

async function run(root: string, command: string): Promise<void> {
  const lasting = LASTING[command]
  if (lasting) return starts(root, ...lasting)
  if (INSTALLING.test(command)) return installs(command)
  const npx = /^(?:\w+=\S+ )?npx (\S+)/u.exec(command)?.[1]
  if (npx !== undefined && !['vite', 'staticfiles'].includes(npx)) throw new Error(`there is no ${npx} here`)
  const [interactive, stub] = ['python manage.py createsuperuser', 'python manage.py createsuperuser --help']
  shell(root, command === interactive ? stub : command)
}

/** What a project of somebody installs. */
const PACKAGES = new Set(['vite', 'vite-plugin-staticfiles', '-r', 'requirements.txt', './path/to/vite-plugin-staticfiles-0.1.0.tgz'])

function installs(command: string): void {
  const names = command.replace(INSTALLING, '').trim().split(/\s+/u).filter(Boolean)
  const unknown = names.filter(name => !PACKAGES.has(name))
  if (unknown.length > 0) throw new Error(`${command}: ${unknown} is not known here`)
}

async function starts(root: string, command: string, ready: RegExp): Promise<void> {
  const line = command.includes('runserver') ? command.replace(/0$/u, String(await freePort())) : command
  // A group of its own: npx and runserver have children.
  const child = spawn('bash', ['-c', `exec ${line}`], {
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

/** With releases, as docs/releases.md says, tests of its own, and settings for them. */
async function projectOfCommands(): Promise<string> {
  const root = await mysite({
    'vite.config.ts': `import { staticfiles } from 'vite-plugin-staticfiles'
      export default { plugins: [staticfiles({ django: 'manage.py' })], build: { emptyOutDir: false } }\n`,
    'mysite/settings_test.py': blocksOf('python').find(([, { text }]) => text.startsWith('# settings_test.py'))![1].text,
    'pytest.ini': '[pytest]\npython_files = tests.py\n',
  })
  buildMysite(root)
  return root
}

describeDocs('the commands of the pages', () => {
  test.each(blocksOf('sh'))('%s run', async (_, { text }) => {
    const commands = commandsOf(text)
    expect(commands.length).toBeGreaterThan(0)
    const root = await projectOfCommands()
    for (const command of commands) await run(root, command.replace('COMMAND', 'collect'))
  })

  test('that are wrong are refused', async () => {
    const root = await projectOfCommands()
    await expect(run(root, 'npx staticfiles colect')).rejects.toThrow('did you mean')
    await expect(run(root, 'npx staticfiles find polls/nowhere.css')).rejects.toThrow('No matching file')
    await expect(run(root, 'npx rm -rf')).rejects.toThrow('there is no rm here')
    await expect(run(root, 'npm install --save-dev vite-plugin-staticfile')).rejects.toThrow('is not known')
    await expect(starts(root, 'npx vite --prot 1', /ready in/u)).rejects.toThrow('Unknown option')
  })

  test.each(blocksOf('console'))('%s prints what it shows', async (_, { text }) => {
    const root = await mysite()
    for (const { command, output } of shownIn(text)) expect(shapeOf(shell(root, command))).toEqual(shapeOf(output))
  })
})

/** Each command behind a `$`, with the lines below it. */
function shownIn(text: string): { command: string; output: string }[] {
  return text
    .split(/^\$ /mu)
    .slice(1)
    .map(part => {
      const [command, ...lines] = part.split('\n')
      return { command: command!, output: lines.join('\n') }
    })
}

/** Lines without what differs from run to run: times, and what Vite shows while it works. */
function shapeOf(output: string): string[] {
  return output
    .split('\n')
    .map(line => line.trimEnd().replace(/[\d.]+ ?m?s$/u, 'TIME'))
    .filter(line => line !== '' && !/^(?:transforming|rendering chunks|computing gzip size)/u.test(line))
}

const SCRIPTS: Record<string, string> = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).scripts

describe('the commands for a clone', () => {
  const commands = blocksOf('sh clone').flatMap(([place, { text }]) =>
    commandsOf(text).map(command => [place, command] as const),
  )

  test.each(commands)('%s: %s is run by .ci/run, or is a script', (_, command) => {
    const script = /^npm (?:run )?(?<name>\w+)/u.exec(command)?.groups!.name
    if (script !== 'ci') expect(SCRIPTS).toHaveProperty(script!)
  })
})

describeDocs('the commands for the playground', () => {
  test.each(blocksOf('sh playground'))('%s exist', (_, block: Block) => {
    for (const command of commandsOf(block.text)) {
      const [, script] = /^npm run (\w+)$/u.exec(command) ?? []
      const manage = /manage\.py (\w+)/u.exec(command)?.[1]
      if (script !== undefined) expect(SCRIPTS).toHaveProperty(script)
      else if (manage !== undefined) expect(shell(ROOT, 'cd playground; python manage.py help --commands')).toContain(manage)
      else if (command.startsWith('cd ')) expect(existsSync(path.join(ROOT, command.slice(3)))).toBe(true)
      else expect(['npm ci', 'python -m venv .venv', '. .venv/bin/activate', 'pip install -r requirements.txt']).toContain(command)
    }
    expect(existsSync(path.join(ROOT, 'playground/requirements.txt'))).toBe(true)
  })
})
