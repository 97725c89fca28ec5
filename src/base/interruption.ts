/** What to undo if the process is told to end in the middle of it. */
const unfinished = new Set<() => void>()

/**
 * Notes how to undo something that has begun.
 * @returns a function that takes the note back, once it is done
 */
export function undoOnInterruption(undo: () => void): () => void {
  unfinished.add(undo)
  return () => void unfinished.delete(undo)
}

/** The signals that end a process in a shell, with the exit codes that shells use: 128 plus the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Runs `work`; a signal that ends the process meanwhile leaves no temporary file and no lock behind. */
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
