import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { StaticFilesError } from '../../base/errors.ts'
import { isFile, isFolder } from '../../base/files/stat.ts'

/** A Python interpreter, and how it was found. */
export interface Interpreter {
  /** A path, or a command that is on the `PATH`. */
  readonly file: string
  /** For messages: 'the virtual environment /home/me/site/.venv'. */
  readonly origin: string
}

/** The interpreter if it is found without starting anything, otherwise the tool to ask, which takes time. */
export type Search =
  | { readonly interpreter: Interpreter }
  | { readonly tool: 'uv' | 'poetry'; readonly folder: string }
  | { readonly tool: 'PATH' }

/** The names that tools and tutorials give to a virtual environment. */
const ENVIRONMENTS = ['.venv', 'venv', 'env', '.env']

/**
 * Looks for the project's Python without starting anything: the `python` option, a virtual environment beside
 * `manage.py` or in a folder above it, `VIRTUAL_ENV`, uv, poetry, the `PATH`.
 * @throws StaticFilesError if the option names neither a Python nor a virtual environment
 */
export function searchInterpreter(
  manage: string,
  python: string | undefined,
  env: NodeJS.ProcessEnv,
): Search {
  if (python !== undefined) return { interpreter: givenInterpreter(python) }
  const folders = foldersUpToRepository(path.dirname(manage))
  for (const folder of folders) {
    for (const name of ENVIRONMENTS) {
      const interpreter = environmentAt(path.join(folder, name))
      if (interpreter) return { interpreter }
    }
  }
  const active = env.VIRTUAL_ENV ? environmentAt(env.VIRTUAL_ENV) : undefined
  if (active) return { interpreter: { ...active, origin: `VIRTUAL_ENV, ${env.VIRTUAL_ENV}` } }
  for (const tool of ['uv', 'poetry'] as const) {
    const folder = folders.find(each => existsSync(path.join(each, `${tool}.lock`)))
    if (folder !== undefined) return { tool, folder }
  }
  return { tool: 'PATH' }
}

/**
 * Asks tools for the interpreter, unless it is found already.
 * @throws StaticFilesError naming every place that was searched
 */
export async function findInterpreter(
  search: Search,
  manage: string,
  env: NodeJS.ProcessEnv,
): Promise<Interpreter> {
  if ('interpreter' in search) return search.interpreter
  const problems: string[] = []
  if (search.tool !== 'PATH') {
    const { tool, folder } = search
    const result = missingEnvironment(search, env) ?? (await run(tool, TOOLS[tool](folder), env))
    if ('output' in result) return { file: result.output, origin: `${tool} in ${folder}` }
    problems.push(`${tool} in ${folder}: ${result.problem}`)
  }
  for (const command of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
    const result = await run(command, ['-c', PRINT_EXECUTABLE], env)
    if ('output' in result) return { file: result.output, origin: `${command} on the PATH` }
    problems.push(`${command} on the PATH: ${result.problem}`)
  }
  const beside = foldersUpToRepository(path.dirname(manage)).flatMap(folder =>
    ENVIRONMENTS.map(name => path.join(folder, name)),
  )
  throw new StaticFilesError(
    `no Python was found for ${manage}\n` +
      `  no virtual environment at ${beside.join(', ')}\n` +
      `  VIRTUAL_ENV: ${env.VIRTUAL_ENV ?? 'not set'}\n` +
      `${problems.map(problem => `  ${problem}`).join('\n')}\n` +
      "Make a virtual environment beside manage.py, or name a Python: django: { manage: 'manage.py', python: '…' }",
  )
}

const PRINT_EXECUTABLE = 'import sys; print(sys.executable)'

/** Returns a problem if uv has no environment: `uv run` would make an empty one, and making one is up to the user. */
function missingEnvironment(
  { tool, folder }: { tool: 'uv' | 'poetry'; folder: string },
  { UV_PROJECT_ENVIRONMENT = '.venv' }: NodeJS.ProcessEnv,
): { problem: string } | undefined {
  const environment = path.resolve(folder, UV_PROJECT_ENVIRONMENT)
  if (tool !== 'uv' || isFolder(environment)) return undefined
  return { problem: `there is no environment at ${environment}; \`uv sync\` makes it` }
}

/** The arguments with which each tool prints the Python of its environment. */
const TOOLS = {
  uv: (folder: string) => [
    ...['run', '--quiet', '--no-sync', '--project', folder],
    ...['python', '-c', PRINT_EXECUTABLE],
  ],
  poetry: (folder: string) => ['--no-interaction', '--directory', folder, 'env', 'info', '--executable'],
}

const SECONDS = 1000

async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ output: string } | { problem: string }> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { env, timeout: 60 * SECONDS })
    const output = stdout.trim().split(/\r?\n/u).at(-1) ?? ''
    return isFile(output) ? { output } : { problem: `it named no file, but '${output}'` }
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string }
    return { problem: code === 'ENOENT' ? 'not found' : (stderr || message).trim().split('\n').at(-1)! }
  }
}

/** Finds the interpreter that the user names by a command, its path, or the folder of a virtual environment. */
function givenInterpreter(python: string): Interpreter {
  const origin = '`django.python`'
  if (!/[\\/]/u.test(python)) return { file: python, origin }
  const found = isFolder(python) ? environmentAt(python)?.file : python
  if (found !== undefined && isFile(found)) return { file: found, origin }
  throw new StaticFilesError(
    `\`django.python\`: ${python} is neither a Python nor a virtual environment. Name the file (.venv/bin/python), ` +
      'the folder of the environment (.venv), or leave it out: then the Python is searched',
  )
}

function environmentAt(folder: string): Interpreter | undefined {
  if (!isFile(path.join(folder, 'pyvenv.cfg'))) return undefined
  const file = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  return isFile(file) ? { file, origin: `the virtual environment ${folder}` } : undefined
}

/** Returns a folder and those above it, up to the root of the repository, or the folder alone if it is in no repository. */
function foldersUpToRepository(start: string): string[] {
  const folders = [start]
  for (let folder = start; !existsSync(path.join(folder, '.git')); folder = path.dirname(folder)) {
    if (path.dirname(folder) === folder) return [start]
    folders.push(path.dirname(folder))
  }
  return folders
}
