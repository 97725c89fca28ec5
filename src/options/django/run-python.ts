import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

const SECONDS = 1000

/** In seconds: longer than any settings take to import. */
const PATIENCE = 120

/** In milliseconds: how long the pipes of a process that has ended may go on giving something. */
const REST = 500

/** In characters: what a message can show of the errors. */
const SHOWN = 100_000

/** What a Python printed, and why it has no answer. */
export interface PythonResult {
  readonly output: string
  readonly errors: string
  readonly problem: string
}

/**
 * Runs a script, whose output is complete when it ends in a line break. It has no input: settings that ask for something
 * get no answer instead of waiting for one.
 */
export function runPython(
  file: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<PythonResult> {
  return new Promise(resolve => {
    const child = spawn(file, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...{ timeout: PATIENCE * SECONDS, killSignal: 'SIGKILL' },
    })
    const output = textOf(child.stdout)
    const errors = textOf(child.stderr, SHOWN)
    let rest: NodeJS.Timeout | undefined
    const finish = (problem: string) => {
      clearTimeout(rest)
      for (const stream of [child.stdout, child.stderr]) stream?.destroy()
      resolve({ output: output(), errors: errors(), problem })
    }
    child.on('error', error => finish(startProblem(error)))
    child.on('close', (code, signal) => finish(endProblem(code, signal)))
    // A process that settings started, and that goes on, holds the pipes open for as long as it runs.
    child.on('exit', (code, signal) => {
      const wait = () => {
        if (output().endsWith('\n')) return finish(endProblem(code, signal))
        clearTimeout(rest)
        rest = setTimeout(() => finish(endProblem(code, signal)), REST)
      }
      wait()
      child.stdout.on('data', wait)
    })
  })
}

/** Returns what gives the text of a stream so far, or its last part. */
function textOf(stream: Readable, limit = Number.POSITIVE_INFINITY): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.length > limit) text = text.slice(-limit)
  })
  return () => text
}

function startProblem(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'this Python does not exist' : error.message
}

function endProblem(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL')
    return `Python was ended from outside, or gave no answer within ${PATIENCE} seconds`
  if (signal !== null) return `Python was ended by ${signal}`
  return code === 0 ? 'Python ended without an answer' : `Python ended with the exit status ${code}`
}
