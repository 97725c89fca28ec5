import pc from 'picocolors'
import { COMMON_FLAGS, type Command, type Flag } from './arguments.ts'

const EXIT_CODES = 'Exit codes: 0 done, 1 something is wrong, 2 the command was given wrongly.'

/** Returns the output of `staticfiles --help`. */
export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, takes, summary }): [string, string] => [
    `${name} ${takes}`.trim(),
    summary,
  ])
  return [
    `${pc.bold('staticfiles')} COMMAND [flags]`,
    '',
    "Django's static files, as vite.config.* describes them.",
    '',
    table(rows),
    '',
    'Flags of every command:',
    flagTable(COMMON_FLAGS),
    '',
    '`staticfiles COMMAND --help` shows the flags of a command.',
    EXIT_CODES,
  ].join('\n')
}

/** Returns the output of `staticfiles COMMAND --help`. */
export function commandHelp({ name, takes, description, flags }: Command): string {
  return [
    `${pc.bold(`staticfiles ${name}`)} ${`${takes} [flags]`.trim()}`,
    '',
    description,
    '',
    ...(Object.keys(flags).length > 0 ? ['Flags:', flagTable(flags), ''] : []),
    'Flags of every command:',
    flagTable(COMMON_FLAGS),
    '',
    EXIT_CODES,
  ].join('\n')
}

function flagTable(flags: Readonly<Record<string, Flag>>): string {
  return table(Object.entries(flags).map(([name, flag]) => [signature(name, flag), flag.help]))
}

function signature(name: string, { short, value }: Flag): string {
  return [`${short ? `-${short}, ` : '    '}--${name}`, value].filter(Boolean).join(' ')
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
