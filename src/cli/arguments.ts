import { parseArgs } from 'node:util'
import { didYouMean, nearestNames } from '../base/text/nearest-names.ts'

/** A flag of a command. */
export interface Flag {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** Whether it may be given several times. */
  readonly multiple?: boolean
  /** What the help calls its value: `PATTERN`. */
  readonly value?: string
  readonly help: string
}

/** A command of `staticfiles`. */
export interface Command {
  readonly name: string
  /** What comes behind the name: `NAME [NAME …]`; '' for nothing. */
  readonly takes: string
  readonly summary: string
  /** One or two sentences, for the help of this command alone. */
  readonly description: string
  readonly flags: Readonly<Record<string, Flag>>
  /** Answers whether all is well. */
  run(given: Arguments): Promise<boolean>
}

/** What was given to a command. */
export interface Arguments {
  readonly names: readonly string[]
  has(flag: string): boolean
  /** The value of a flag; the last where it is given several times. */
  value(flag: string): string | undefined
  /** All values of a flag. */
  values(flag: string): readonly string[]
  /** Of `--verbosity`: 0 to 3. */
  readonly verbosity: number
}

/** A command that was given wrongly. */
export class UsageError extends Error {
  /** Names the nearest of what there is. */
  static unknown(problem: string, given: string, known: readonly string[]): UsageError {
    const hint = didYouMean(nearestNames(given, known).slice(0, 1))
    return new UsageError(`${problem}${hint}\n\`staticfiles --help\` shows all commands and flags.`)
  }
}

/** Flags of every command; Django's management commands have the same. */
export const COMMON_FLAGS: Readonly<Record<string, Flag>> = {
  root: {
    type: 'string',
    value: 'FOLDER',
    help: "Vite's root; default: that of the Vite configuration, or the working directory",
  },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'the Vite configuration; default: vite.config.* in the root',
  },
  mode: { type: 'string', short: 'm', value: 'MODE', help: "Vite's mode; default: production" },
  settings: { type: 'string', value: 'MODULE', help: "Django's settings: mysite.settings.production" },
  pythonpath: {
    type: 'string',
    value: 'FOLDER',
    help: "a folder for Python's path, where settings are found",
  },
  verbosity: {
    type: 'string',
    short: 'v',
    value: '0|1|2|3',
    help: '0: errors only, 1: a summary, 2: each file, 3: everything; default: 1',
  },
  traceback: { type: 'boolean', help: 'show where an error comes from' },
  'no-color': { type: 'boolean', help: 'never colour the output' },
  'force-color': { type: 'boolean', help: 'colour the output, also where it is no terminal' },
  'skip-checks': { type: 'boolean', help: 'accepted, as Django has it; nothing is skipped' },
  version: { type: 'boolean', help: 'show the version' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
}

/** @throws UsageError */
export function parseCommand(command: Command, args: readonly string[]): Arguments {
  const flags: Record<string, Flag> = { ...command.flags, ...COMMON_FLAGS }
  const { values, positionals } = parse(command, flags, args)
  if (positionals.length > 0 && command.takes === '') {
    throw new UsageError(`\`staticfiles ${command.name}\` takes no '${positionals[0]}'`)
  }
  if (positionals.length === 0 && /^[A-Z]/u.test(command.takes)) {
    throw new UsageError(
      `\`staticfiles ${command.name}\` needs a name: staticfiles ${command.name} ${command.takes}`,
    )
  }
  const all = (flag: string) => [values[flag] ?? []].flat().map(String)
  return {
    names: positionals,
    has: flag => values[flag] === true,
    value: flag => all(flag).at(-1),
    values: all,
    verbosity: verbosityOf(all('verbosity').at(-1)),
  }
}

function parse(command: Command, flags: Record<string, Flag>, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple }]) => {
      return [name, { type, ...(short && { short }), ...(multiple && { multiple }) }]
    }),
  )
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    const [unknown] = (error as Error).message.match(/(?<=Unknown option ')[^']+/u) ?? []
    if (unknown === undefined) throw new UsageError((error as Error).message)
    const known = Object.keys(flags).map(name => `--${name}`)
    throw UsageError.unknown(`\`staticfiles ${command.name}\` has no ${unknown}`, unknown, known)
  }
}

function verbosityOf(given = '1'): number {
  if (/^[0-3]$/u.test(given)) return Number(given)
  throw new UsageError(`--verbosity is 0, 1, 2 or 3, not '${given}'`)
}

/** @throws UsageError unless the value is a whole number */
export function wholeNumber(given: Arguments, flag: string): number | undefined {
  const value = given.value(flag)
  if (value === undefined || /^\d+$/u.test(value)) return value === undefined ? undefined : Number(value)
  throw new UsageError(`--${flag} takes a whole number, not '${value}'`)
}
