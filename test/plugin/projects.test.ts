import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, useChromium, watchedPage } from '../support/chromium.ts'
import { freePort, untilAnswers } from '../support/processes.ts'
import { projectFolder } from '../support/project.ts'
import { projectsEnvironment } from '../support/python.ts'
import { REAL_PROJECTS } from '../support/real-projects.ts'

const VITE = path.resolve(import.meta.dirname, '../../node_modules/vite/bin/vite.js')

let python: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  const found = await projectsEnvironment()
  expect(found.reason).toBeUndefined()
  python = found.python!
  environment = { ...process.env, VIRTUAL_ENV: path.resolve(python, '../..'), PYTHONDONTWRITEBYTECODE: '1' }
})

describe.each(Object.entries(REAL_PROJECTS))('a project of %s', (name, real) => {
  const chromium = useChromium()
  let folder: string
  let root: string
  let staticRoot: string
  let server: ChildProcess | undefined
  let origin: string

  beforeAll(async () => {
    folder = await projectFolder()
    root = await real.make(folder, python)
    writeFileSync(
      path.join(root, 'vite.config.js'),
      `import { staticfiles } from 'vite-plugin-staticfiles'\nexport default { plugins: [staticfiles({ django: 'manage.py' })] }\n`,
    )
    const env = { ...environment, ...(real.settings && { DJANGO_SETTINGS_MODULE: real.settings }) }
    execFileSync(process.execPath, [VITE, 'build'], {
      cwd: root,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const settings = writeServingSettings(root, real.serving, name)
    const serving = { ...environment, DJANGO_SETTINGS_MODULE: settings, DJANGO_SUPERUSER_PASSWORD: 'secret' }
    const manage = (...args: string[]) =>
      execFileSync(python, ['manage.py', ...args], {
        cwd: root,
        env: serving,
        stdio: ['ignore', 'pipe', 'inherit'],
      }).toString()
    manage('migrate', '-v', '0')
    manage('createsuperuser', '--noinput', '--username', 'admin', '--email', 'admin@example.com')
    staticRoot = manage(
      'shell',
      '--no-imports',
      '-c',
      'from django.conf import settings; print(settings.STATIC_ROOT)',
    ).trim()
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    server = spawn(python, ['manage.py', 'runserver', '--noreload', `127.0.0.1:${port}`], {
      cwd: root,
      env: serving,
      stdio: 'ignore',
    })
    await untilAnswers(origin + real.loginPage)
  })

  afterAll(() => {
    server?.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  test.skipIf(CHROMIUM === undefined && !process.env.CI)('shows no 404 when a browser walks it', async () => {
    const { page, problems, loaded } = await watchedPage(chromium())
    await page.goto(origin + real.loginPage)
    await page.fill('input[name=username]', 'admin')
    await page.fill('input[name=password]', 'secret')
    await Promise.all([
      page.waitForURL(url => !url.pathname.includes('login')),
      page.press('input[name=password]', 'Enter'),
    ])
    for (const url of real.pages) await page.goto(origin + url, { waitUntil: 'networkidle' })
    expect(problems).toEqual([])
    const hashed = new Set(Object.values(readPaths(staticRoot)).map(each => `/static/${each}`))
    const files = [...new Set(loaded.map(url => decodeURI(new URL(url).pathname)))].filter(each =>
      each.startsWith('/static/'),
    )
    expect(files.length).toBeGreaterThan(8)
    expect(files.filter(file => !hashed.has(file))).toEqual([])
  })

  test('has every name that collectstatic has', () => {
    const other = path.join(folder, 'theirs')
    const settings = writeServingSettings(
      root,
      `${real.serving}\nSTATIC_ROOT = ${JSON.stringify(other)}\n`,
      name,
      'theirs',
    )
    const env = { ...environment, DJANGO_SETTINGS_MODULE: settings }
    execFileSync(python, ['manage.py', 'collectstatic', '--noinput', '-v', '0'], {
      cwd: root,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [ours, theirs] = [readPaths(staticRoot), readPaths(other)]
    // What was compiled is under its own name, as no browser could read the source.
    expect(Object.keys(theirs).filter(each => !(each in ours))).toEqual([])
    expect(Object.keys(theirs).length).toBeGreaterThan(100)
    const plain = Object.keys(theirs).filter(each => !/\.(?:css|m?js|ts|map)$/.test(each))
    expect(plain.filter(each => ours[each] !== theirs[each])).toEqual([])
  })
})

/** Beside the settings of production, whose imports are relative; answers the dotted name. */
function writeServingSettings(root: string, text: string, project: string, file = 'serving'): string {
  const [folder, module] = {
    wagtail: ['mysite/settings', 'mysite.settings'],
    cookiecutter: ['config/settings', 'config.settings'],
    cms: ['mysite', 'mysite'],
  }[project]!
  writeFileSync(path.join(root, folder!, `${file}.py`), text)
  return `${module}.${file}`
}

function readPaths(folder: string): Record<string, string> {
  expect(existsSync(path.join(folder, 'staticfiles.json'))).toBe(true)
  return JSON.parse(readFileSync(path.join(folder, 'staticfiles.json'), 'utf8')).paths
}
