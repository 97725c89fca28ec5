/** What is to be undone where the process is told to end in the middle of it. */
const unfinished = new Set<() => void>()

/**
 * Notes how to undo what has begun.
 * @returns takes the note back, once it is done
 */
export function undoOnInterruption(undo: () => void): () => void {
  unfinished.add(undo)
  return () => void unfinished.delete(undo)
}

/** Each that the shell knows, with the exit code that it reads for it: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** While `work` runs, a signal that ends the process leaves no temporary file and no lock behind. */
export async function interruptible<Result>(work: () => Promise<Result>): Promise<Result> {
  const signals = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]
  for (const signal of signals) process.once(signal, end)
  try {
    return await work()
  } finally {
    for (const signal of signals) process.off(signal, end)
  }
}

function end(signal: keyof typeof SIGNALS): never {
  for (const undo of unfinished) undo()
  process.exit(SIGNALS[signal])
}
