import path from 'node:path'
import pc from 'picocolors'
import { describeConflicts } from '../collect.ts'
import type { ResolvedOptions } from '../options.ts'
import type { BuildResult, PipelineLog } from '../pipeline.ts'

/** The part of Vite's logger that is needed. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}

/** What Rollup alone has: the terminal. */
export const consoleLogger: Logger = {
  info: message => console.info(message),
  warn: message => console.warn(message),
}

/** Shows warnings at once, and progress in a terminal only. */
export class Log implements PipelineLog {
  readonly #logger: Logger
  readonly #terminal: NodeJS.WriteStream | undefined
  #line = ''

  constructor(logger: Logger, quiet: boolean, terminal: NodeJS.WriteStream = process.stdout) {
    this.#logger = logger
    this.#terminal = terminal.isTTY && !quiet && !process.env.CI ? terminal : undefined
  }

  warn(message: string): void {
    this.clear()
    this.#logger.warn(pc.yellow(`staticfiles: ${message}`))
  }

  info(message: string): void {
    this.clear()
    this.#logger.info(message)
  }

  progress(message: string): void {
    if (this.#terminal === undefined || message === this.#line) return
    this.#line = message
    this.#terminal.clearLine(0)
    this.#terminal.write(`\r${pc.dim(`staticfiles: ${message} …`)}`)
    this.#terminal.cursorTo(0)
  }

  clear(): void {
    if (this.#line !== '') this.#terminal?.clearLine(0)
    this.#line = ''
  }
}

/** A few lines in Vite's voice about what a build did. */
export function summary(
  result: BuildResult,
  options: ResolvedOptions,
  bundled: number,
  seconds: number,
): string {
  const { collected, conflicts, siblings, paths } = result
  const counts = [
    count(collected, 'static file', 'collected'),
    bundled > 0 && count(bundled, 'file', 'bundled'),
    conflicts.length > 0 && pc.yellow(`${conflicts.length} shadowed`),
    siblings &&
      siblings.written > 0 &&
      `${count(siblings.written, 'sibling')} saving ${megabytes(siblings.savedBytes)}`,
  ]
  const lines = [
    `${pc.green('✓')} ${counts.filter(Boolean).join(', ')} ${pc.dim(`in ${seconds.toFixed(2)}s`)}`,
  ]
  const manifest = path.relative(process.cwd(), path.join(options.staticRoot, options.manifest))
  if (options.dryRun) lines.push(pc.dim('  dry run: nothing was written'))
  else lines.push(pc.dim(`  ${manifest} names ${paths.size} files`))
  if (conflicts.length > 0 && options.conflicts === 'list') lines.push(describeConflicts(conflicts))
  else if (conflicts.length > 0)
    lines.push(pc.dim("  `conflicts: 'list'` shows which source won each shadowed name"))
  return lines.join('\n')
}

function count(number: number, noun: string, verb = ''): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'} ${verb}`.trimEnd()
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
