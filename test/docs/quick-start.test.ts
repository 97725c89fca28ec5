import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MYSITE, shell } from './mysite.ts'
import { blockOn, ROOT, readPage } from './pages.ts'
import { describeDocs } from './python.ts'

/** Sources that README tells of, and does not show. */
const SOURCES = Object.entries(MYSITE).filter(([name]) => /static\//u.test(name))

describeDocs("README's quick start, with the packed package, in an empty folder", ({ python }) => {
  let root: string

  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'quick-start-'))
    shellHere(
      'python -m django startproject mysite . && python manage.py startapp polls',
      path.dirname(python),
    )
    makeEnvironment(root, python)
    install(root)
  }, 300_000)
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** Commands of the folder alone: nothing of this repository is on the path. */
  function shellHere(line: string, bin = path.join(root, '.venv/bin')): string {
    return shell(root, line, { PATH: `${bin}${path.delimiter}${process.env.PATH}`, VIRTUAL_ENV: undefined })
  }

  test('builds what it shows', { timeout: 300_000 }, () => {
    const settings = path.join(root, 'mysite/settings.py')
    const startproject = readFileSync(settings, 'utf8')
    expect(startproject).toContain('django.contrib.admin')
    writeFileSync(settings, startproject.replace('INSTALLED_APPS = [', 'INSTALLED_APPS = [\n    "polls",'))
    appendFileSync(settings, blockOn('README.md', 'python').text)
    for (const [name, text] of SOURCES) write(name, text as string)
    write('polls/templates/polls/index.html', blockOn('README.md', 'html').text)
    write('vite.config.ts', blockOn('README.md', 'ts').text)

    // As README's first configuration has it: TypeScript is bundled by itself.
    expect(shellHere('npx vite build')).toContain('2 files bundled')
    const entries = /`(entries: \[[^`]+\])`/u.exec(readPage('README.md'))![1]!
    write('vite.config.ts', blockOn('README.md', 'ts').text.replace('django:', `${entries},\n      django:`))
    expect(shellHere('npx vite build')).toContain('3 files bundled')
    const files = filesBelow(path.join(root, 'staticfiles')).filter(file => !file.startsWith('admin/'))
    const shown = blockOn('README.md', 'text tree')
      .text.match(/^ {2}\S+/gmu)!
      .map(file => file.trim())
    expect(files).toEqual(expect.arrayContaining(shown))
    expect(
      files.map(file => file.replace(/\.(?:gz|br)$/u, '')).filter(file => !shown.includes(file)),
    ).toEqual([])

    appendFileSync(settings, 'DEBUG = False\n')
    for (const command of blockOn('README.md', 'sh', 1).text.trim().split('\n')) shellHere(command)
    const render = `from django.template.loader import render_to_string as r; print(r("polls/index.html"))`
    const html = shellHere(`python manage.py shell --no-imports -c '${render}'`)
    expect(html).toContain(blockOn('README.md', 'html result').text.trim())
    expect(shellHere('python manage.py test', undefined)).toContain('Ran 0 tests')
  })

  function write(name: string, text: string): void {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
})

/** A virtual environment beside manage.py, as README has it; it borrows the packages of the one for the pages. */
function makeEnvironment(root: string, python: string): void {
  execFileSync(python, ['-m', 'venv', '--without-pip', path.join(root, '.venv')])
  const packages = (environment: string) => {
    const lib = path.join(environment, 'lib')
    return path.join(lib, readdirSync(lib).find(name => name.startsWith('python3'))!, 'site-packages')
  }
  const borrowed = packages(path.resolve(python, '../..'))
  writeFileSync(path.join(packages(path.join(root, '.venv')), 'borrowed.pth'), `${borrowed}\n`)
}

/** README's line for a package that is not on npm yet. */
function install(root: string): void {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', root], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const line = /`(npm install --save-dev vite \.\/path\/to\/[^`]+)`/u.exec(
    readPage('README.md').replaceAll('\n', ' '),
  )![1]!
  const file = packed.trim().split('\n').at(-1)!
  expect(line).toContain(file)
  const vite = JSON.parse(readFileSync(path.join(ROOT, 'node_modules/vite/package.json'), 'utf8')).version
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }\n')
  // The version that is tested here, so that the hashes are those of README.
  const args = line.replace('./path/to/', './').replace(' vite ', ` vite@${vite} `).split(' ').slice(1)
  execFileSync('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: root,
  })
  expect(existsSync(path.join(root, 'node_modules/.bin/staticfiles'))).toBe(true)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
}
