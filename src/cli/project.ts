import { existsSync } from 'node:fs'
import path from 'node:path'
import type { InlineConfig, Plugin, ResolvedConfig, UserConfig } from 'vite'
import { StaticFilesError } from '../base/errors.ts'
import { djangoOptionsOf } from '../options/django/question.ts'
import type { Options } from '../options/options.ts'
import type { Project } from '../options/project.ts'
import type { PluginApi } from '../plugin/api.ts'
import { staticfiles } from '../plugin/staticfiles.ts'
import type { Arguments } from './arguments.ts'

type Vite = typeof import('vite')

/** The project in the working directory, or in `--root`, before Vite has read its configuration. */
export interface OpenedProject {
  readonly vite: Vite
  /** The argument of Vite's `build()`: it adds the command line to the project's configuration. */
  readonly config: InlineConfig
  /** Returns the plugin of the project, once Vite has read the configuration. */
  readonly plugin: () => PluginApi
}

/** The options of a command that win over those of the configuration. */
export interface Overrides {
  readonly options?: (given: Options) => Options
  readonly config?: (user: UserConfig) => UserConfig
}

/**
 * Prepares to read the same configuration as `vite build`.
 * @throws StaticFilesError if Vite or the configuration is missing
 */
export async function openProject(given: Arguments, overrides: Overrides = {}): Promise<OpenedProject> {
  const root = given.value('root')
  const vite = await importVite()
  let plugin: PluginApi | undefined
  const overriding: Plugin = {
    name: 'staticfiles:command',
    enforce: 'pre',
    async config(user) {
      plugin = await findPlugin(user.plugins)
      plugin.override(options => ({ ...overrides.options?.(options), ...djangoOverride(options, given) }))
      return overrides.config?.(user)
    },
  }
  const mode = given.value('mode')
  // The configuration decides what the command line leaves out: root, mode and log level, as for `vite build`.
  const config: InlineConfig = {
    ...(root !== undefined && { root: path.resolve(root) }),
    ...configFile(path.resolve(root ?? '.'), given.value('config')),
    ...(mode !== undefined && { mode }),
    ...(given.verbosity === 0 && { logLevel: 'error' }),
  }
  config.plugins = [...(config.plugins ?? []), overriding]
  return {
    vite,
    config,
    plugin() {
      if (plugin) return plugin
      throw missingPluginError()
    },
  }
}

/** Reads the project without building it. */
export async function readProject(given: Arguments): Promise<Project> {
  return (await readConfig(given)).project
}

/** Reads the project, and all of Vite's configuration. */
export async function readConfig(given: Arguments): Promise<{ project: Project; config: ResolvedConfig }> {
  const { vite, config, plugin } = await openProject(given)
  const quiet: InlineConfig = { ...config, logLevel: 'error' }
  const resolved = await vite.resolveConfig(quiet, 'build', config.mode ?? 'production', 'production')
  return { project: plugin().project(), config: resolved }
}

async function importVite(): Promise<Vite> {
  try {
    return await import('vite')
  } catch (cause) {
    throw new StaticFilesError('Vite is not installed: npm install --save-dev vite', { cause })
  }
}

/** The files in which Vite looks for its configuration. */
const CONFIG_FILES = ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map(extension => `vite.config.${extension}`)

/** Returns which configuration Vite reads. Without one, a folder with a manage.py is a project with Django's settings. */
function configFile(root: string, given: string | undefined): InlineConfig {
  if (given !== undefined) return { configFile: givenFile(root, given) }
  if (CONFIG_FILES.some(file => existsSync(path.join(root, file)))) return {}
  if (existsSync(path.join(root, 'manage.py'))) {
    return { configFile: false, plugins: [staticfiles({ django: 'manage.py' })] }
  }
  throw new StaticFilesError(
    `there is neither a vite.config.* nor a manage.py in ${root}\nGo to the folder of your project, or name it with --root`,
  )
}

/** Returns the absolute path of a configuration, relative to the working directory as for Vite, or else to the root. */
function givenFile(root: string, given: string): string {
  const file = path.resolve(given)
  return existsSync(file) ? file : path.resolve(root, given)
}

async function findPlugin(plugins: unknown): Promise<PluginApi> {
  const found = (await flatten(plugins)).find(plugin => plugin.name === 'staticfiles')
  if (found === undefined) throw missingPluginError()
  return found.api
}

/** Returns the plugins in Vite's `plugins`, which may be nested lists with promises and falsy values. */
async function flatten(plugins: unknown): Promise<Plugin[]> {
  const value = await plugins
  if (Array.isArray(value)) return (await Promise.all(value.map(flatten))).flat()
  return value ? [value as Plugin] : []
}

function missingPluginError(): StaticFilesError {
  return new StaticFilesError(
    'the Vite configuration does not use this plugin\n' +
      "Add it: import { staticfiles } from 'vite-plugin-staticfiles' … plugins: [staticfiles({ django: 'manage.py' })]",
  )
}

/** Returns the option `django` with `--settings` and `--pythonpath`, which Django's commands have too. */
function djangoOverride({ django }: Options, given: Arguments): Options {
  const [settings, folder] = [given.value('settings'), given.value('pythonpath')]
  if (settings === undefined && folder === undefined) return {}
  if (django === undefined || django === false) {
    throw new StaticFilesError(
      "--settings and --pythonpath need the option `django: 'manage.py'` in the Vite configuration",
    )
  }
  const options = djangoOptionsOf(django)
  const paths = [folder && path.resolve(folder), options.env?.PYTHONPATH ?? process.env.PYTHONPATH].filter(
    Boolean,
  )
  return {
    django: {
      ...options,
      ...(settings !== undefined && { settings }),
      ...(folder !== undefined && { env: { ...options.env, PYTHONPATH: paths.join(path.delimiter) } }),
    },
  }
}
