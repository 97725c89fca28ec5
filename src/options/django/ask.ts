import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { StaticFilesError } from '../../base/errors.ts'
import { cacheFile } from '../../base/files/cache-file.ts'
import { isFile } from '../../base/files/stat.ts'
import type { DjangoAnswer, Reads } from './answer.ts'
import { type KnownAnswer, readCachedAnswer, writeCachedAnswer } from './answer-cache.ts'
import { findInterpreter, type Interpreter, searchInterpreter } from './interpreter.ts'
import type { Question } from './question.ts'

/**
 * Starts the project's Python and asks Django, or takes what it said the last time, as long as that holds.
 * @throws StaticFilesError with Python's own traceback
 */
export async function askDjango(question: Question): Promise<KnownAnswer> {
  const { manage, python, settings, env, ignore, noDefaultIgnore } = question
  if (!isFile(manage)) {
    throw new StaticFilesError(
      `\`django\`: there is no file ${manage}. Give the path of manage.py from Vite's root: django: 'backend/manage.py'`,
    )
  }
  const search = searchInterpreter(manage, python, env)
  const key = JSON.stringify([scriptHash(), search, manage, settings, ignore, noDefaultIgnore])
  const file = answerFile(question)
  const known = readCachedAnswer(file, key, env)
  if (known) return known
  const interpreter = await findInterpreter(search, manage, env)
  const reply = await start(interpreter, question, {
    manage,
    settings: settings ?? null,
    ignore,
    noDefaultIgnore,
  })
  writeCachedAnswer(file, key, env, reply)
  return reply
}

const SCRIPT: string = fileURLToPath(new URL('./ask.py', import.meta.url))

/** Another version of the script may answer otherwise. */
function scriptHash(): string {
  return createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 12)
}

/** Answers to other settings or other options lie beside each other. */
function answerFile({ cacheDir, manage, settings, ignore, noDefaultIgnore, env }: Question): string {
  const asked = [manage, settings, ignore, noDefaultIgnore, env.DJANGO_SETTINGS_MODULE]
  return cacheFile(cacheDir, 'django', asked)
}

type Reply = (DjangoAnswer | { readonly error: string; readonly settings: string | null }) & {
  readonly reads: Reads
}

async function start(interpreter: Interpreter, question: Question, asked: object): Promise<KnownAnswer> {
  const { manage, env } = question
  const { output, errors, problem } = await run(interpreter.file, [SCRIPT, JSON.stringify(asked)], {
    cwd: path.dirname(manage),
    // Nothing of this run is to be found beside the user's sources.
    env: { ...env, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
  })
  const reply = parse(output)
  if (reply === undefined) throw failure(interpreter, question, null, [errors, problem].join('\n').trim())
  if ('error' in reply) throw failure(interpreter, question, reply.settings, reply.error)
  const { reads, ...answer } = reply
  return { answer, reads }
}

function parse(output: string): Reply | undefined {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}

function failure(
  { file, origin }: Interpreter,
  { manage }: Question,
  settings: string | null,
  reason: string,
): StaticFilesError {
  const lines = stripVTControlCharacters(reason).trimEnd().split('\n')
  return new StaticFilesError(
    `Django could not be asked for its settings\n\n${lines.map(line => `  ${line}`).join('\n')}\n\n` +
      `Python: ${file} (${origin})\nmanage.py: ${manage}\nsettings: ${settings ?? 'DJANGO_SETTINGS_MODULE is not set'}\n` +
      `Does \`${path.basename(file)} manage.py check\` work there? Another Python or other settings are given with ` +
      "django: { manage: 'manage.py', python: '…', settings: '…', env: { … } }",
  )
}

const SECONDS = 1000
const MEGABYTES = 2 ** 20

interface Finished {
  readonly output: string
  readonly errors: string
  readonly problem: string
}

/** In seconds: longer than any settings take to import. */
const PATIENCE = 120

function run(
  file: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Finished> {
  const limits = { timeout: PATIENCE * SECONDS, maxBuffer: 256 * MEGABYTES }
  return new Promise(resolve => {
    const child = execFile(file, args, { ...options, ...limits }, (error, output, errors) => {
      resolve({ output, errors, problem: problemOf(error) })
    })
    // Settings that ask for something get no answer instead of waiting for one.
    child.stdin?.end()
  })
}

function problemOf(error: (Error & { code?: number | string | null; killed?: boolean }) | null): string {
  if (error === null) return 'Python ended without an answer'
  if (error.code === 'ENOENT') return 'this Python does not exist'
  if (error.killed) return `Python gave no answer within ${PATIENCE} seconds`
  return `Python ended with the exit status ${error.code}`
}
