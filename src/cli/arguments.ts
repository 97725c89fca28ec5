import { parseArgs } from 'node:util'
import { didYouMean, nearestNames } from '../base/text/nearest-names.ts'

/** A flag of a command. */
export interface Flag {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** Whether the flag may be given several times. */
  readonly multiple?: boolean
  /** The name of its value in the help: `PATTERN`. */
  readonly value?: string
  readonly help: string
}

/** A command of `staticfiles`. */
export interface Command {
  readonly name: string
  /** The arguments after the command's name: `NAME [NAME …]`; '' if it takes none. */
  readonly takes: string
  readonly summary: string
  /** One or two sentences, for the help of this command alone. */
  readonly description: string
  readonly flags: Readonly<Record<string, Flag>>
  /** Runs the command, and returns whether all is well. */
  run(given: Arguments): Promise<boolean>
}

/** The arguments that the user gave to a command. */
export interface Arguments {
  readonly names: readonly string[]
  has(flag: string): boolean
  /** Returns the value of a flag, or the last one if it is given several times. */
  value(flag: string): string | undefined
  /** Returns all values of a flag. */
  values(flag: string): readonly string[]
  /** The value of `--verbosity`, 0 to 3. */
  readonly verbosity: number
}

/** An error in the arguments of a command. */
export class UsageError extends Error {
  /** Makes the error of a name that does not exist. It suggests the nearest of the names that do. */
  static unknown(problem: string, given: string, names: readonly string[]): UsageError {
    const hint = didYouMean(nearestNames(given, names).slice(0, 1))
    return new UsageError(`${problem}${hint}\n\`staticfiles --help\` shows all commands and flags.`)
  }
}

/** The flags of every command. Django's management commands have most of them. */
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
  'force-color': { type: 'boolean', help: 'colour the output, even if it is not a terminal' },
  'skip-checks': { type: 'boolean', help: 'accepted, as Django has it; nothing is skipped' },
  version: { type: 'boolean', help: 'show the version' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
}

/**
 * Parses the arguments of a command.
 * @throws UsageError if the command does not take them
 */
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
    const names = Object.keys(flags).map(name => `--${name}`)
    throw UsageError.unknown(`\`staticfiles ${command.name}\` has no ${unknown}`, unknown, names)
  }
}

function verbosityOf(given = '1'): number {
  if (/^[0-3]$/u.test(given)) return Number(given)
  throw new UsageError(`--verbosity is 0, 1, 2 or 3, not '${given}'`)
}

/**
 * Returns the value of a flag as a number, or `undefined` if it is not given.
 * @throws UsageError if the value is not a whole number
 */
export function wholeNumber(given: Arguments, flag: string): number | undefined {
  const value = given.value(flag)
  if (value === undefined || /^\d+$/u.test(value)) return value === undefined ? undefined : Number(value)
  throw new UsageError(`--${flag} takes a whole number, not '${value}'`)
}
