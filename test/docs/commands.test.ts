import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { project } from '../support/project.ts'
import { commandsOf, run, starts } from './commands.ts'
import { buildMysite, mysite, sharedMysite, shell } from './mysite.ts'
import { type Block, blockOn, blocksOf, ROOT } from './pages.ts'
import { describeDocs } from './python.ts'

// Each starts many processes.
vi.setConfig({ testTimeout: 300_000 })

describeDocs('the commands of the pages', () => {
  let built: string

  /** With releases, as docs/releases.md says, and with the settings for tests. */
  beforeAll(async () => {
    built = await sharedMysite({
      'vite.config.ts': `import { staticfiles } from 'vite-plugin-staticfiles'
        export default { plugins: [staticfiles({ django: 'manage.py' })], build: { emptyOutDir: false } }\n`,
      'mysite/settings_test.py': blockOn('docs/testing.md', 'python').text,
      'pytest.ini': blockOn('docs/testing.md', 'ini').text,
    })
    buildMysite(built)
  })
  afterAll(() => rmSync(built, { recursive: true, force: true }))

  async function projectOfCommands(): Promise<string> {
    const root = await project({})
    cpSync(built, root, { recursive: true, verbatimSymlinks: true })
    return root
  }

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
    for (const { command, output } of shownIn(text))
      expect(shapeOf(shell(root, command))).toEqual(shapeOf(output))
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

const SCRIPTS: Record<string, string> = JSON.parse(
  readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
).scripts

describe('the commands for a clone', () => {
  const commands = blocksOf('sh clone').flatMap(([place, { text }]) =>
    commandsOf(text).map(command => [place, command] as const),
  )

  test.each(commands)('%s: %s is run by .ci/run, or is a script', (_, command) => {
    const script = /^npm (?:run )?(?<name>\w+)/u.exec(command)?.groups?.name
    if (script !== 'ci') expect(SCRIPTS).toHaveProperty(script!)
  })
})

describeDocs('the commands for the playground', () => {
  test.each(blocksOf('sh playground'))('%s exist', (_, block: Block) => {
    for (const command of commandsOf(block.text)) {
      const [, script] = /^npm run (\w+)$/u.exec(command) ?? []
      const manage = /manage\.py (\w+)/u.exec(command)?.[1]
      if (script !== undefined) expect(SCRIPTS).toHaveProperty(script)
      else if (manage !== undefined)
        expect(shell(ROOT, 'cd playground; python manage.py help --commands')).toContain(manage)
      else if (command.startsWith('cd ')) expect(existsSync(path.join(ROOT, command.slice(3)))).toBe(true)
      else
        expect([
          'npm ci',
          'python -m venv .venv',
          '. .venv/bin/activate',
          'pip install -r requirements.txt',
        ]).toContain(command)
    }
    expect(existsSync(path.join(ROOT, 'playground/requirements.txt'))).toBe(true)
  })
})
