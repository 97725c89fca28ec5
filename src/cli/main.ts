import pc from 'picocolors'
import { withoutPrefix } from '../base/errors.ts'
import { packageVersion } from '../base/package-version.ts'
import { type Command, parseCommand, UsageError } from './arguments.ts'
import { checkCommand } from './commands/check.ts'
import { collectCommand } from './commands/collect.ts'
import { configCommand } from './commands/config.ts'
import { findCommand } from './commands/find.ts'
import { listCommand } from './commands/list.ts'
import { manifestCommand } from './commands/manifest.ts'
import { pruneCommand } from './commands/prune.ts'
import { reportCommand } from './commands/report.ts'
import { serveCommand } from './commands/serve.ts'
import { commandHelp, generalHelp } from './help.ts'
import { fitScreen } from './output.ts'

const COMMANDS: readonly Command[] = [
  ...[collectCommand, findCommand, listCommand, checkCommand],
  ...[manifestCommand, reportCommand, serveCommand, pruneCommand, configCommand],
]

/** The exit codes. */
const EXIT = { done: 0, wrong: 1, usage: 2 } as const

/**
 * Runs the command that the arguments name.
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args
  if (first === '--version') return print(packageVersion())
  if (first === undefined || first === '--help' || first === '-h') return print(generalHelp(COMMANDS))
  const name = first === 'help' ? (rest[0] ?? '') : first
  if (name === '') return print(generalHelp(COMMANDS))
  try {
    const command = commandOf(name)
    if (first === 'help' || rest.includes('--help') || rest.includes('-h')) return print(commandHelp(command))
    if (rest.includes('--version')) return print(packageVersion())
    return (await command.run(parseCommand(command, rest))) ? EXIT.done : EXIT.wrong
  } catch (error) {
    return report(error, args.includes('--traceback'))
  }
}

/**
 * Finds a command by its name.
 * @throws UsageError if it does not exist
 */
function commandOf(name: string): Command {
  const command = COMMANDS.find(each => each.name === name)
  if (command) return command
  const names = COMMANDS.map(each => each.name)
  throw UsageError.unknown(`there is no command '${name}'`, name, names)
}

function print(text: string): number {
  console.log(text)
  return EXIT.done
}

function report(error: unknown, traceback: boolean): number {
  if (error instanceof UsageError) {
    console.error(`${pc.red('error')}: ${error.message}`)
    return EXIT.usage
  }
  const thrown = error instanceof Error ? error : new Error(String(error))
  console.error(`${pc.red('error')}: ${fitScreen(withoutPrefix(thrown))}`)
  // The stack of this package's own errors says nothing to the user; that of their cause does.
  const { stack } = thrown.cause instanceof Error ? thrown.cause : thrown
  if (traceback) console.error(pc.dim(String(stack)))
  return EXIT.wrong
}
