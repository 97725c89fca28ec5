import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** A Django version that the tests ask, with the Python that has it, or the reason why there is none. */
export interface DjangoEnvironment {
  readonly version: string
  /** The interpreter of the virtual environment. */
  readonly python?: string
  /** Changes whenever what is installed may change. */
  readonly stamp?: string
  readonly reason?: string
}

interface Interpreter {
  readonly file: string
  readonly version: readonly [major: number, minor: number, micro: number]
}

/** Minor versions of Django, the newest last, with the oldest Python 3 that each runs on. */
const DJANGO_VERSIONS = { '5.2': 10, '6.0': 12, '6.1': 12 } as const

const ROOT = path.resolve(import.meta.dirname, '../..')
const REQUIREMENTS = path.join(ROOT, 'test/requirements')
const CACHE = path.join(ROOT, '.cache/python')

const run = promisify(execFile)

/** Makes the virtual environments that are not complete yet; quick when all are. */
export async function djangoEnvironments(): Promise<DjangoEnvironment[]> {
  const interpreters = await findInterpreters()
  return Promise.all(
    Object.entries(DJANGO_VERSIONS).map(async ([version, minor]) => {
      const interpreter = interpreters.find(({ version: [, found] }) => found >= minor)
      if (!interpreter) return { version, reason: `no Python 3.${minor} or newer with venv was found` }
      return djangoEnvironment(version, interpreter)
    }),
  )
}

/** The environment of whole projects; it takes a minute to install, so that only the test that needs it asks for it. */
export function projectsEnvironment(): Promise<DjangoEnvironment> {
  return newestEnvironment('projects')
}

/** The environment of what the benchmark compares with. */
export function benchEnvironment(): Promise<DjangoEnvironment> {
  return newestEnvironment('bench')
}

/** The environment of what the pages speak of. */
export function docsEnvironment(): Promise<DjangoEnvironment> {
  return newestEnvironment('docs')
}

/** The environment with gunicorn and WhiteNoise, as it serves in production. */
export function servingEnvironment(): Promise<DjangoEnvironment> {
  return newestEnvironment('serving')
}

async function newestEnvironment(name: string): Promise<DjangoEnvironment> {
  const interpreter = (await findInterpreters()).find(({ version: [, minor] }) => minor >= 12)
  if (!interpreter) return { version: name, reason: 'no Python 3.12 or newer with venv was found' }
  return djangoEnvironment(name, interpreter)
}

/** The environment of uv and Poetry; they are commands beside its Python. */
export async function toolsEnvironment(): Promise<DjangoEnvironment> {
  const interpreter = (await findInterpreters()).find(({ version: [, minor] }) => minor >= 10)
  if (!interpreter) return { version: 'tools', reason: 'no Python 3.10 or newer with venv was found' }
  return djangoEnvironment('tools', interpreter)
}

async function djangoEnvironment(version: string, interpreter: Interpreter): Promise<DjangoEnvironment> {
  const stamp = stampOf(version, interpreter)
  const folder = path.join(CACHE, `django-${version}-${stamp}`)
  try {
    if (!existsSync(folder)) await makeEnvironment(folder, version, interpreter)
    return { version, stamp, python: pythonIn(folder) }
  } catch (error) {
    return { version, reason: `its environment could not be made: ${(error as Error).message.trim()}` }
  }
}

/** A folder without its final name is not complete, so an interrupted one is started over. */
async function makeEnvironment(folder: string, version: string, interpreter: Interpreter): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const unfinished = mkdtempSync(`${folder}.`)
  try {
    await run(interpreter.file, ['-m', 'venv', unfinished])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r']
    await run(pythonIn(unfinished), [...pip, path.join(REQUIREMENTS, `django-${version}.txt`)])
    await writeFile(path.join(unfinished, 'stamp.txt'), `${path.basename(folder)}\n`)
    rename(unfinished, folder)
    removeOutdated(version, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** Another process may have been quicker. */
function rename(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

function removeOutdated(version: string, current: string): void {
  const complete = new RegExp(`^django-${version}-[0-9a-f]+$`)
  for (const entry of readdirSync(CACHE)) {
    if (complete.test(entry) && entry !== path.basename(current)) {
      rmSync(path.join(CACHE, entry), { recursive: true, force: true })
    }
  }
}

function stampOf(version: string, interpreter: Interpreter): string {
  const hash = createHash('sha256').update(`${interpreter.file} ${interpreter.version.join('.')}`)
  for (const file of ['packages', `django-${version}`]) {
    hash.update(readFileSync(path.join(REQUIREMENTS, `${file}.txt`)))
  }
  return hash.digest('hex').slice(0, 12)
}

function pythonIn(environment: string): string {
  return path.join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
}

/** The newest first. */
async function findInterpreters(): Promise<Interpreter[]> {
  const found = await Promise.all(candidates().map(probe))
  return found
    .filter(interpreter => interpreter !== undefined)
    .sort((a, b) => b.version[1] - a.version[1] || b.version[2] - a.version[2])
}

function candidates(): string[] {
  const minors = [14, 13, 12, 11, 10]
  const pyenv = path.join(homedir(), '.pyenv/versions')
  const versions = existsSync(pyenv) ? readdirSync(pyenv) : []
  return [
    ...minors.map(minor => `python3.${minor}`),
    'python3',
    'python',
    ...versions.map(version => path.join(pyenv, version, 'bin/python3')),
  ]
}

const PROBE = 'import ensurepip, sys, venv; print(sys.executable, *sys.version_info[:3], sep="\\n")'

async function probe(command: string): Promise<Interpreter | undefined> {
  try {
    const { stdout } = await run(command, ['-c', PROBE])
    const [file, ...numbers] = stdout.trim().split(/\r?\n/)
    const version = numbers.map(Number)
    if (!file || version[0] !== 3) return undefined
    return { file, version: version as [number, number, number] }
  } catch {
    return undefined
  }
}
