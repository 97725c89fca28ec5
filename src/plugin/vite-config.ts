import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ConfigEnv, Plugin, UserConfig } from 'vite'
import type { Entry } from '../finders/entries.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { djangoProxy } from './dev/django/proxy.ts'
import { unwatched } from './dev/reload/watched.ts'
import { inputName, type OutputNames } from './output-names.ts'

/** Stands for the input of a build that has no entries. */
export const NO_ENTRY = 'virtual:staticfiles/no-entry'

/** What it is resolved to. */
export const EMPTY_MODULE: string = `\0${NO_ENTRY}`

type Input = string | string[] | Record<string, string> | undefined

/** What the plugin asks of Vite. What the user sets wins, except where the static root would come out wrong. */
export function viteConfig(
  user: UserConfig,
  { command, isPreview }: ConfigEnv,
  options: ResolvedOptions,
  entries: readonly Entry[],
  plugins: { names: OutputNames; worker: () => Plugin[]; warn: (message: string) => void },
): UserConfig {
  const input = inputOf(userInput(user, options.root), entries)
  const output = plugins.names as object
  return {
    // Relative URLs inside files: one build serves from any prefix and host.
    ...(user.base === undefined && { base: command === 'build' ? './' : options.staticPath }),
    // `vite preview` would take over the proxy, too.
    ...(command === 'serve' &&
      devConfig(user, options, isPreview ? undefined : djangoProxy(options, user.base, plugins.warn))),
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

/** What `vite dev` needs beyond Vite's defaults. */
function devConfig(
  user: UserConfig,
  options: ResolvedOptions,
  proxy: ReturnType<typeof djangoProxy>,
): UserConfig {
  return {
    // There is no single page whose HTML would answer every URL; Django has the pages.
    ...(user.appType === undefined &&
      !existsSync(path.join(options.root, 'index.html')) && { appType: 'custom' }),
    server: {
      ...serverConfig(user.server ?? {}, options),
      ...(user.server?.watch !== null && { watch: { ignored: [unwatched(options)] } }),
      // Vite asks the user's own proxies first.
      ...(proxy !== undefined && { proxy }),
    },
  }
}

const VITE_PORT = 5173

/**
 * Without a proxy the pages come from Django's origin: URLs that Vite writes into modules must name its own, which is
 * in Django's `STATIC_URL` as well, so that it must not drift to the next free port.
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
      // With a proxy Vite must not answer OPTIONS in Django's place.
      cors: { origin: [LOCAL_ORIGINS, ...origins], preflightContinue: proxy !== undefined },
    }),
    ...(origins.length > 0 &&
      Array.isArray(server.allowedHosts ?? []) && {
        allowedHosts: origins.map(each => new URL(each).hostname),
      }),
  }
}

/** The default of Vite's `server.cors`. */
export const LOCAL_ORIGINS: RegExp = /^https?:\/\/(?:(?:[^:]+\.)?localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/u

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
