import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { StaticFilesError } from '../../base/errors.ts'
import { cacheFile } from '../../base/files/cache-file.ts'
import { isFile } from '../../base/files/stat.ts'
import type { DjangoAnswer, Reads } from './answer.ts'
import { type CachedAnswer, readCachedAnswer, writeCachedAnswer } from './answer-cache.ts'
import { findInterpreter, type Interpreter, searchInterpreter } from './interpreter.ts'
import type { Question } from './question.ts'
import { runPython } from './run-python.ts'

/**
 * Starts the project's Python and asks Django, or returns the cached answer if it still holds.
 * @throws StaticFilesError with Python's own traceback
 */
export async function askDjango(question: Question): Promise<CachedAnswer> {
  const { manage, python, settings, env, ignore, noDefaultIgnore } = question
  if (!isFile(manage)) {
    throw new StaticFilesError(
      `\`django\`: there is no file ${manage}. Give the path of manage.py from Vite's root: django: 'backend/manage.py'`,
    )
  }
  const search = searchInterpreter(manage, python, env)
  const key = JSON.stringify([scriptHash(), search, manage, settings, ignore, noDefaultIgnore])
  const file = answerFile(question)
  const cached = readCachedAnswer(file, key, env)
  if (cached) return cached
  const interpreter = await findInterpreter(search, manage, env)
  const reply = await ask(interpreter, question, {
    manage,
    settings: settings ?? null,
    ignore,
    noDefaultIgnore,
  })
  writeCachedAnswer(file, key, env, reply)
  return reply
}

const SCRIPT: string = fileURLToPath(new URL('./ask.py', import.meta.url))

/** Returns a hash of the script and what it imports, because another version may answer differently. */
function scriptHash(): string {
  const folder = path.dirname(SCRIPT)
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.py')) hash.update(readFileSync(path.join(folder, name)))
  }
  return hash.digest('hex').slice(0, 12)
}

/** Returns the path of the cached answer. Different settings and options have different files. */
function answerFile({ cacheDir, manage, settings, ignore, noDefaultIgnore, env }: Question): string {
  const asked = [manage, settings, ignore, noDefaultIgnore, env.DJANGO_SETTINGS_MODULE]
  return cacheFile(cacheDir, 'django', asked)
}

/** What the script prints: Django's answer, or why there is none: Django's checks failed, or something before them did. */
type Reply = (DjangoAnswer | FailedChecks | { readonly error: string; readonly settings: string | null }) & {
  readonly reads: Reads
}

interface FailedChecks {
  /** The errors, in the words of `manage.py check`. */
  readonly refused: readonly string[]
  readonly settings: string | null
}

async function ask(interpreter: Interpreter, question: Question, asked: object): Promise<CachedAnswer> {
  const { manage, env } = question
  const { output, errors, problem } = await runPython(interpreter.file, [SCRIPT, JSON.stringify(asked)], {
    cwd: path.dirname(manage),
    // This run must leave no files beside the user's sources.
    env: { ...env, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
  })
  const reply = parse(output)
  if (reply === undefined) throw askError(interpreter, question, null, [errors, problem].join('\n').trim())
  if ('error' in reply) throw askError(interpreter, question, reply.settings, reply.error)
  if ('refused' in reply) throw checksError(reply, question)
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

function askError(
  { file, origin }: Interpreter,
  { manage }: Question,
  settings: string | null,
  reason: string,
): StaticFilesError {
  return new StaticFilesError(
    `Django could not be asked for its settings\n\n${indented(stripVTControlCharacters(reason))}\n\n` +
      `Python: ${file} (${origin})\nmanage.py: ${manage}\nsettings: ${settings ?? 'DJANGO_SETTINGS_MODULE is not set'}\n` +
      `Does \`${path.basename(file)} manage.py check\` work there? Another Python or other settings are given with ` +
      "django: { manage: 'manage.py', python: '…', settings: '…', env: { … } }",
  )
}

function checksError({ refused, settings }: FailedChecks, { manage }: Question): StaticFilesError {
  return new StaticFilesError(
    `Django refuses its settings of static files\n\n${refused.map(indented).join('\n')}\n\n` +
      `\`manage.py check --tag staticfiles\` shows the same, and \`collectstatic\` stops there too.\n` +
      `manage.py: ${manage}\nsettings: ${settings}`,
  )
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map(line => `  ${line.replace(/^\t/u, '  ')}`)
    .join('\n')
}
