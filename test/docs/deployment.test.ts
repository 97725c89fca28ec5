import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { useChromium, watchedPage } from '../support/chromium.ts'
import { freePort, untilAnswers } from '../support/processes.ts'
import { run, starts } from './commands.ts'
import { buildStages, parseDockerfile, withoutIgnored } from './dockerfile.ts'
import { buildMysite, mysite, pathsOf, projectEnvironment, shell } from './mysite.ts'
import { BLOCKS, blockOn, blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'
import { configurationOf } from './typescript.ts'

// Each starts many processes.
vi.setConfig({ testTimeout: 300_000 })

const WHITENOISE = BLOCKS.find(
  ({ kind, text }) => kind === 'python' && text.includes('whitenoise.storage'),
)!.text

describeDocs('a Dockerfile (its instructions on folders, as there is no Docker)', django => {
  test.each(blocksOf('dockerfile'))('%s makes an image that serves the site', async (_, { text }) => {
    const root = await mysite({
      'requirements.txt': 'Django\nwhitenoise\ngunicorn\n',
      'package-lock.json': '{}\n',
      'db.sqlite3': '',
    })
    const settings = path.join(root, 'mysite/settings/__init__.py')
    writeFileSync(settings, readFileSync(settings, 'utf8') + WHITENOISE.replace('# …', '*MIDDLEWARE[1:],'))
    const context = path.join(root, 'context')
    const ignore = blockOn('docs/deployment.md', 'text dockerignore').text
    for (const name of withoutIgnored(root, ignore))
      cpSync(path.join(root, name), path.join(context, name), { recursive: true })
    expect(existsSync(path.join(context, 'node_modules'))).toBe(false)
    expect(existsSync(path.join(context, 'db.sqlite3'))).toBe(false)

    const stages = parseDockerfile(text)
    const ran: string[] = []
    const image = buildStages(stages, context, path.join(root, 'stages'), {
      pull: name => pull(root, name),
      run(command, stage, workdir) {
        ran.push(command)
        const folder = path.join(stage, workdir)
        if (command === 'npm ci')
          cpSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), {
            recursive: true,
            verbatimSymlinks: true,
          })
        else if (command.startsWith('ln -s ')) link(stage, command)
        else if (/^(?:pip install|python -m venv) /u.test(command))
          expect(command).toMatch(/requirements\.txt$|\/venv$/u)
        else shell(folder, command)
      },
    })
    expect(ran).toContain('npx vite build')
    const folder = path.join(image.root, image.workdir)
    expect(Object.keys(pathsOf(folder))).toContain('polls/app.ts')
    expect(existsSync(path.join(folder, 'node_modules'))).toBe(false)
    await serves(folder, image.command, projectEnvironment(root))
  })

  test('that is wrong is refused', () => {
    expect(() => parseDockerfile('FROM x\nCOPPY . .\n')).toThrow('unknown instruction: COPPY . .')
    expect(django.version).toBe('docs')
  })
})

/** A folder with what the Dockerfile takes from an image. */
function pull(root: string, image: string): string {
  const folder = path.join(root, 'images', image)
  mkdirSync(path.join(folder, 'usr/local/bin'), { recursive: true })
  if (!image.startsWith('node:')) return folder
  for (const script of ['npm-cli.js', 'npx-cli.js']) {
    mkdirSync(path.join(folder, 'usr/local/lib/node_modules/npm/bin'), { recursive: true })
    writeFileSync(path.join(folder, 'usr/local/lib/node_modules/npm/bin', script), '')
  }
  writeFileSync(path.join(folder, 'usr/local/bin/node'), '')
  return folder
}

/** As `ln` would, with the paths of the stage; the target must be there. */
function link(stage: string, command: string): void {
  const [, , target, name] = command.split(' ')
  expect(existsSync(path.resolve(path.join(stage, path.dirname(name!)), target!)), command).toBe(true)
}

/** Starts what the image would start, and looks at the page and its script. */
async function serves(folder: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const port = await freePort()
  const [program, ...args] = command.map(each => each.replace('0.0.0.0:8000', `127.0.0.1:${port}`))
  const server = spawn(program!, args, { cwd: folder, env, stdio: 'ignore' })
  onTestFinished(() => void server.kill())
  const origin = `http://127.0.0.1:${port}`
  await untilAnswers(`${origin}/`)
  const [, script] = /src="(\/static\/polls\/app\.[\da-f]{12}\.js)"/u.exec(
    await (await fetch(`${origin}/`)).text(),
  )!
  const answer = await fetch(origin + script)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('Cache-Control')).toContain('immutable')
}

describeDocs('a CDN', () => {
  const chromium = useChromium()

  test.each(blocksOf('python').filter(([, { text }]) => text.includes('https://cdn.example.com')))(
    '%s: a browser runs modules and shows styles of another origin',
    async (_, { text }) => {
      const root = await mysite()
      const [site, cdn] = [await freePort(), await freePort()]
      const settings = path.join(root, 'mysite/settings/__init__.py')
      const url = text.replace('https://cdn.example.com', `http://127.0.0.1:${cdn}`)
      const whitenoise = WHITENOISE.replace('# …', '*MIDDLEWARE[1:],')
      writeFileSync(settings, readFileSync(settings, 'utf8') + whitenoise + url)
      buildMysite(root)
      for (const port of [site, cdn]) {
        await starts(root, `python manage.py runserver --noreload --nostatic ${port}`, /development server/u)
      }
      const { page, problems, loaded } = await watchedPage(chromium())
      await page.goto(`http://127.0.0.1:${site}/`, { waitUntil: 'networkidle' })
      expect(problems).toEqual([])
      expect(await page.title()).toBe('Polls, ready')
      const files = loaded.filter(each => each.includes('/static/'))
      expect(files.length).toBeGreaterThan(3)
      expect(files.filter(each => !each.startsWith(`http://127.0.0.1:${cdn}/`))).toEqual([])
    },
  )
})

/** Reads YAML; actions keep their text. */
const READ_YAML = 'import json, sys, yaml; print(json.dumps(yaml.load(sys.stdin, yaml.BaseLoader)))'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: { readonly path: string }
}

interface Workflow {
  readonly on: unknown
  readonly jobs: Readonly<Record<string, { 'runs-on': string; steps: readonly Step[] }>>
}

/** What GitLab runs. */
interface Pipeline {
  readonly build: { readonly cache: { readonly paths: string[] }; readonly script: string[] }
}

describeDocs('a workflow of CI', ({ python }) => {
  const parse = <Content>(text: string): Content => {
    const { status, stdout, stderr } = spawnSync(python, ['-c', READ_YAML], { input: text, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }

  test.each(blocksOf('yaml'))('%s is YAML, and its steps run', async (_, { text }) => {
    const { on, jobs } = parse<Workflow>(text)
    expect(on).toBeDefined()
    for (const { steps, ...job } of Object.values(jobs)) {
      expect(job['runs-on']).toMatch(/^ubuntu-/u)
      const root = await mysite()
      for (const { uses, run: command } of steps) {
        if (command === undefined)
          expect(uses).toMatch(/^actions\/(?:checkout|setup-node|setup-python)@v\d+$/u)
        else await run(root, command)
      }
    }
  })

  test.each(blocksOf('yaml steps'))('%s keeps what a build keeps for the next', async (_, { text }) => {
    const root = await mysite()
    const steps = parse<Step[]>(text)
    for (const { run: command } of steps) if (command !== undefined) await run(root, command)
    const [cache] = steps.filter(({ uses }) => uses?.startsWith('actions/cache@'))
    expect(existsSync(path.join(root, cache!.with!.path, 'siblings'))).toBe(true)
  })

  test.each(blocksOf('yaml gitlab'))('%s keeps what a build keeps for the next', async (_, { text }) => {
    const { cache, script } = parse<Pipeline>(text).build
    const options = "{ django: 'manage.py', compress: { cache: '.cache/siblings' } }"
    const root = await mysite({ 'vite.config.ts': configurationOf(`staticfiles(${options})`) })
    for (const command of script) await run(root, command)
    expect(cache.paths.filter(folder => !existsSync(path.join(root, folder)))).toEqual([])
  })

  test('that is wrong is refused', () => {
    expect(() => parse('jobs:\n  - a: b\n c: d\n')).toThrow('yaml')
  })
})
