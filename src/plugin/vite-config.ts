import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Plugin, UserConfig } from 'vite'
import type { Entry } from '../entries.ts'
import type { ResolvedOptions } from '../options.ts'
import { inputName, type OutputNames } from './output-names.ts'

/** Stands for the input of a build that has no entries. */
export const NO_ENTRY = 'virtual:staticfiles/no-entry'

/** What it is resolved to. */
export const EMPTY_MODULE: string = `\0${NO_ENTRY}`

type Input = string | string[] | Record<string, string> | undefined

/** What the plugin asks of Vite. What the user sets wins, except where the static root would come out wrong. */
export function viteConfig(
  user: UserConfig,
  command: 'build' | 'serve',
  options: ResolvedOptions,
  entries: readonly Entry[],
  plugins: { names: OutputNames; worker: () => Plugin[] },
): UserConfig {
  const input = inputOf(userInput(user, options.root), entries)
  const output = plugins.names as object
  return {
    // Relative URLs inside files: one build serves from any prefix and host.
    ...(user.base === undefined && { base: command === 'build' ? './' : options.staticPath }),
    build: {
      outDir: options.staticRoot,
      // Vite's CSS plugin reads the names from here, Rollup takes them from a hook as well.
      rollupOptions: { input, ...(Array.isArray(user.build?.rollupOptions?.output) ? {} : { output }) },
      ...(options.dryRun && { write: false }),
    },
    worker: {
      rollupOptions: { output },
      plugins: () => [...(user.worker?.plugins?.() ?? []), ...plugins.worker()],
    },
  }
}

/** The input with the entries added; a bundler needs at least one. */
export function inputOf(given: Input, entries: readonly Entry[]): Record<string, string> {
  const own = entries.map(entry => [inputName(entry), entry.source])
  const input = { ...inputObject(given), ...Object.fromEntries(own) }
  return Object.keys(input).length > 0 ? input : { 'no-entry': NO_ENTRY }
}

function inputObject(given: Input): Record<string, string> {
  if (typeof given === 'string') return inputObject([given])
  if (!Array.isArray(given)) return given ?? {}
  return Object.fromEntries(given.map(source => [path.parse(source).name, source]))
}

/** Vite's default input is `index.html`. */
function userInput(user: UserConfig, root: string): Input {
  const build = user.build ?? {}
  const given = (build.rollupOptions?.input ?? build.rolldownOptions?.input) as Input
  const index = path.join(root, 'index.html')
  return given ?? (existsSync(index) ? index : undefined)
}
