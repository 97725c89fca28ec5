import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ConfigEnv, Plugin, UserConfig } from 'vite'
import type { Entry } from '../finders/entries.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { BASE_URL } from './base-url.ts'
import { djangoProxy } from './dev/django/proxy.ts'
import { unwatched } from './dev/reload/watched.ts'
import { inputModule, inputName, tableOf } from './entries/entry-table.ts'
import type { OutputNames } from './output-names.ts'

/** Stands for the input of a build that has no entries. */
export const NO_ENTRY = 'virtual:staticfiles/no-entry'

/** The id that {@link NO_ENTRY} is resolved to. */
export const EMPTY_MODULE: string = `\0${NO_ENTRY}`

export type Input = string | string[] | Record<string, string> | undefined

/** Returns the plugin's configuration for Vite. The user's own wins, unless the static root would be wrong. */
export function viteConfig(
  user: UserConfig,
  { command, isPreview }: ConfigEnv,
  options: ResolvedOptions,
  entries: readonly Entry[],
  plugins: { names: OutputNames; worker: () => Plugin[]; warn: (message: string) => void },
  keepsOthers: boolean,
): UserConfig {
  const given = userInput(user, options.root)
  const isBuild = command === 'build'
  // A build gets its entries later, when no other plugin changes the input any more.
  const input = isBuild ? given === undefined && NO_ENTRY : scannedInput(given, entries)
  const output = plugins.names as object
  nameOutputs(user, output)
  return {
    // URLs inside files are relative, so that one build works under any prefix and on any host.
    ...(user.base === undefined && { base: isBuild ? './' : options.staticPath }),
    ...(user.base === undefined && isBuild && { define: { 'import.meta.env.BASE_URL': BASE_URL } }),
    // `vite preview` would use the proxy too.
    ...(command === 'serve' &&
      devConfig(user, options, isPreview ? undefined : djangoProxy(options, user.base, plugins.warn))),
    build: {
      outDir: options.staticRoot,
      // Vite's CSS plugin reads the names here. Rollup gets them from a hook too.
      rollupOptions: { ...(input && { input }), ...(outputLists(user).length > 0 ? {} : { output }) },
      ...(options.dryRun && { write: false }),
      ...(keepsOthers && { emptyOutDir: false }),
    },
    worker: {
      rollupOptions: { output },
      plugins: () => [...(user.worker?.plugins?.() ?? []), ...plugins.worker()],
    },
  }
}

/** Returns the bundler options that have a list of outputs. */
function outputLists({ build }: UserConfig): { output?: unknown }[] {
  const options = [build?.rolldownOptions, build?.rollupOptions]
  return options.flatMap(each => (Array.isArray(each?.output) ? [each] : []))
}

/** Sets the names in each output of a list: Vite would append another output instead of merging. */
function nameOutputs(user: UserConfig, names: object): void {
  for (const options of outputLists(user))
    options.output = (options.output as object[]).map(output => ({ ...output, ...names }))
}

/** Returns the configuration that `vite dev` needs besides Vite's defaults. */
function devConfig(
  user: UserConfig,
  options: ResolvedOptions,
  proxy: ReturnType<typeof djangoProxy>,
): UserConfig {
  return {
    // Vite must not respond to every URL with one page, because Django serves the pages.
    ...(user.appType === undefined &&
      !existsSync(path.join(options.root, 'index.html')) && { appType: 'custom' }),
    server: {
      ...serverConfig(user.server ?? {}, options),
      ...(user.server?.watch !== null && { watch: { ignored: [unwatched(options)] } }),
      // Vite matches the user's own proxies first.
      ...(proxy !== undefined && { proxy }),
    },
  }
}

const VITE_PORT = 5173

/**
 * Returns the options of Vite's server. Without a proxy the pages come from Django's origin, so that URLs in modules must
 * contain Vite's own origin. Django's `STATIC_URL` contains it too, so that Vite must not move to the next free port.
 */
function serverConfig(
  server: NonNullable<UserConfig['server']>,
  options: ResolvedOptions,
): UserConfig['server'] {
  const { proxy, origins } = options
  const host =
    typeof server.host === 'string' && !/^(?:0\.0\.0\.0|::)$/u.test(server.host) ? server.host : 'localhost'
  const origin = `${server.https ? 'https' : 'http'}://${host}:${server.port ?? VITE_PORT}`
  return {
    ...(proxy === undefined && server.origin === undefined && { origin }),
    ...(proxy === undefined && server.strictPort === undefined && { strictPort: true }),
    ...(server.cors === undefined && {
      // With a proxy Django responds to OPTIONS, not Vite.
      cors: { origin: [LOCAL_ORIGINS, ...origins], preflightContinue: proxy !== undefined },
    }),
    ...(origins.length > 0 &&
      Array.isArray(server.allowedHosts ?? []) && {
        allowedHosts: origins.map(each => new URL(each).hostname),
      }),
  }
}

/** The origins that Vite's `server.cors` allows by default. */
export const LOCAL_ORIGINS: RegExp = /^https?:\/\/(?:(?:[^:]+\.)?localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/u

/** Returns the inputs of the entries, or one empty input, because a bundler needs at least one. */
export function inputOf(entries: readonly Entry[], cssCodeSplit: boolean): Record<string, string> {
  const { inputs } = tableOf(entries)
  if (inputs.length === 0) return { 'no-entry': NO_ENTRY }
  return Object.fromEntries(inputs.map(entry => [inputName(entry), inputModule(entry, cssCodeSplit)]))
}

/**
 * Returns the user's own input without the files that are entries too, which would be built twice.
 * @returns `undefined` if nothing is left
 */
export function ownInput(input: Input, entries: readonly Entry[], root: string): Input {
  const table = tableOf(entries)
  // `/src/page.ts` starts at Vite's root as well.
  const isEntry = (file: string) =>
    table.ofSource(path.resolve(root, file)) ?? table.ofSource(path.join(root, file))
  const isOwn = (file: string) => file !== NO_ENTRY && !isEntry(file)
  if (typeof input === 'string') return isOwn(input) ? input : undefined
  if (Array.isArray(input)) return input.some(isOwn) ? input.filter(isOwn) : undefined
  const own = Object.entries(input ?? {}).filter(([, file]) => isOwn(file))
  return own.length > 0 ? Object.fromEntries(own) : undefined
}

/** Returns the user's own input from the options where Vite looks for it. */
function userInput(user: UserConfig, root: string): Input {
  const { build, environments, input } = user as UserConfig & { input?: Input }
  const options = [environments?.client?.build, build].flatMap(each => [
    each?.rolldownOptions,
    each?.rollupOptions,
  ])
  const index = path.join(root, 'index.html')
  const given = (options.map(each => each?.input).find(each => each !== undefined) ?? input) as Input
  // Vite's default is the page in its root.
  return given ?? (existsSync(index) ? index : undefined)
}

/** Returns the input that Vite scans for packages before it serves. A list cannot be merged with an object. */
function scannedInput(given: Input, entries: readonly Entry[]): Input {
  const own = entries.map(({ source }) => source)
  if (typeof given === 'string' || Array.isArray(given)) return own
  return own.length > 0 || given === undefined ? inputOf(entries, true) : {}
}
