import { createRequire } from 'node:module'
import path from 'node:path'
import { rollup } from 'rollup'
import type { InlineConfig, PluginOption } from 'vite'
import type { Options } from 'vite-plugin-staticfiles'
import { staticfiles } from 'vite-plugin-staticfiles'

/** Builds the project in `root`; the result is the static root. */
export type Bundler = (root: string, options: Options, config?: InlineConfig) => Promise<string>

const STATIC_ROOT = 'staticfiles'

function viteBundler(load: () => Promise<{ build: (config: object) => Promise<unknown> }>): Bundler {
  return async (root, options, config = {}) => {
    const { build } = await load()
    const plugins: PluginOption[] = [staticfiles({ staticRoot: STATIC_ROOT, ...options }), config.plugins]
    await build({ root, configFile: false, logLevel: 'silent', ...config, plugins })
    return path.resolve(root, options.staticRoot ?? STATIC_ROOT)
  }
}

/** The versions of Vite that the package supports, each a real one. */
export const vites: Record<string, Bundler> = {
  'Vite 6': viteBundler(() => import('vite6')),
  'Vite 7': viteBundler(() => import('vite7')),
  'Vite 8': viteBundler(() => import('vite')),
}

/** Rollup alone reads no TypeScript and no CSS, and resolves relative to the working directory. */
const plainRollup: Bundler = async (root, options) => {
  const staticRoot = path.resolve(root, options.staticRoot ?? STATIC_ROOT)
  const dirs = options.dirs?.map(dir =>
    typeof dir === 'string' ? path.resolve(root, dir) : ([dir[0], path.resolve(root, dir[1])] as const),
  )
  const apps = options.apps?.map(app => path.resolve(root, app))
  const bundle = await rollup({
    onLog: () => {},
    plugins: staticfiles({ ...options, staticRoot, ...(dirs && { dirs }), ...(apps && { apps }) }),
  })
  await bundle.write({})
  return staticRoot
}

/** Every bundler that the package supports. */
export const bundlers: Record<string, Bundler> = { ...vites, 'Rollup 4': plainRollup }

/** Rolldown alone, as Vite 8 brings it along. It reads TypeScript, and no CSS. */
export const plainRolldown: Bundler = async (root, options) => {
  const staticRoot = path.resolve(root, options.staticRoot ?? STATIC_ROOT)
  const require = createRequire(createRequire(import.meta.url).resolve('vite/package.json'))
  const { rolldown } = await import(require.resolve('rolldown'))
  const dirs = options.dirs?.map(dir => path.resolve(root, dir as string))
  const bundle = await rolldown({
    onLog: () => {},
    plugins: staticfiles({ ...options, staticRoot, ...(dirs && { dirs }) }),
  })
  await bundle.write({})
  await bundle.close()
  return staticRoot
}
