import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

const SECONDS = 1000

/** How long Python may run, in seconds. No settings take that long to import. */
const PATIENCE = 120

/** How long the pipes of a process that has ended may still deliver output, in milliseconds. */
const REST = 500

/** How much of the errors a message shows, in characters. */
const SHOWN = 100_000

/** What Python printed, and how it ended if that is not an answer. */
export interface PythonResult {
  readonly output: string
  readonly errors: string
  readonly problem: string
}

/**
 * Runs a script, whose output is complete when it ends in a line break. It has no input, so that settings that ask the
 * user for something fail instead of waiting.
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
    // If settings started a process that is still running, it keeps the pipes open.
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

/** Returns a function that returns the text of a stream so far, or its last `limit` characters. */
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
