import path from 'node:path'
import pc from 'picocolors'
import type { PipelineLog } from '../base/log.ts'
import { count, nearby } from '../base/text/wording.ts'
import type { BuildResult } from '../build/plan.ts'
import { describeConflicts } from '../finders/collect.ts'
import type { ResolvedOptions } from '../options/resolve.ts'

/** The part of Vite's logger that this plugin uses. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}

/** Writes to the terminal, because Rollup alone has no logger. */
export const consoleLogger: Logger = {
  info: message => console.info(message),
  warn: message => console.warn(message),
}

/** Shows warnings, and progress if the output is a terminal. */
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

/** Returns a few lines in Vite's style about what a build did. */
export function summary(
  result: BuildResult,
  options: ResolvedOptions,
  bundled: number,
  seconds: number,
): string {
  const manifest = nearby(path.resolve(options.staticRoot, options.manifest))
  const where = options.dryRun
    ? 'dry run: nothing was written'
    : `${manifest} names ${count(result.paths.size, 'file')}`
  return [
    `${pc.green('✓')} ${counts(result, bundled).join(', ')} ${pc.dim(`in ${seconds.toFixed(2)}s`)}`,
    pc.dim(`  ${where}`),
    ...(options.report === undefined || options.dryRun
      ? []
      : [pc.dim(`  ${nearby(options.report)} shows them`)]),
    ...conflictLines(result, options),
    ...unminifiedLines(result),
  ].join('\n')
}

function counts({ collected, conflicts, siblings }: BuildResult, bundled: number): string[] {
  const parts = [count(collected.length, 'static file', 'collected')]
  if (bundled > 0) parts.push(count(bundled, 'file', 'bundled'))
  if (conflicts.length > 0) parts.push(pc.yellow(`${conflicts.length} shadowed`))
  if (siblings?.count) parts.push(`${count(siblings.count, 'sibling')} saving ${size(siblings.savedBytes)}`)
  return parts
}

function conflictLines({ conflicts }: BuildResult, options: ResolvedOptions): string[] {
  if (conflicts.length === 0) return []
  if (options.conflicts === 'list') return [describeConflicts(conflicts)]
  return [pc.dim("  `conflicts: 'list'` shows which source won each shadowed name")]
}

const LISTED = 5

function unminifiedLines({ unminified }: BuildResult): string[] {
  if (unminified.length === 0) return []
  const more = unminified.length - LISTED
  return [
    `  ${count(unminified.length, 'stylesheet')} rewritten, but not minified: lightningcss would lose something`,
    // The first sentence names the problem. After it lightningcss gives advice to the author of the stylesheet.
    ...unminified.slice(0, LISTED).map(problem => `    ${problem.replace(/(?<=[^.])\. .*/su, '')}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ].map(line => pc.dim(line))
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
