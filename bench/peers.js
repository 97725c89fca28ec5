// What bench/collect.js runs: each command builds the project in its working directory into STATIC_ROOT.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const HERE = import.meta.dirname
const ROOT = path.resolve(HERE, '..')
const PINNED = path.join(HERE, 'peers')

/** As Django does by default: URLs in stylesheets and source-map comments, every other byte as it is. */
const SAME_WORK = { css: 'preserve', js: 'source-maps' }

const node = process.execPath
const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js')
const command = path.join(ROOT, 'dist/cli.mjs')

/** `vite build` or `staticfiles collect` with options of the plugin. */
export function ours(options, { collect = false, cache = 'cache-full' } = {}) {
  return {
    argv: collect
      ? [node, command, 'collect', '--noinput', '-v', '0']
      : [node, vite, 'build', '--logLevel', 'error'],
    env: { BENCH_OPTIONS: JSON.stringify({ ...SAME_WORK, strict: false, ...options }), BENCH_CACHE: cache },
  }
}

/** `vite build` of a project that only bundles. */
export function bundling(withPlugin) {
  return { argv: [node, vite, 'build', '--logLevel', 'error'], env: { BENCH_PLUGIN: withPlugin ? '1' : '' } }
}

/** Fills an empty folder with what another has, and does nothing else. */
export function bareWriting(staticRoot) {
  return { argv: [node, path.join(HERE, 'bare-writing.js'), staticRoot], env: {} }
}

/** Compresses each distinct content of a static root that is there already once, with Node's zlib and nothing else. */
export function bareCompression(staticRoot) {
  return { argv: [node, path.join(HERE, 'bare-compression.js'), staticRoot], env: {} }
}

const MANIFEST = 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'
const WHITENOISE = 'whitenoise.storage.CompressedManifestStaticFilesStorage'
const ENHANCED = 'django_manifeststaticfiles_enhanced.storage.EnhancedManifestStaticFilesStorage'

/** `collectstatic` with a storage. */
export function django(python, storage, settings = {}) {
  const backend = { manifest: MANIFEST, whitenoise: WHITENOISE, enhanced: ENHANCED }[storage]
  return {
    argv: [python, '-m', 'django', 'collectstatic', '--noinput', '-v', '0', '--settings', 'bench_settings'],
    env: {
      PYTHONPATH: [HERE, 'apps'].join(path.delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
      BENCH_STORAGE: backend,
      BENCH_SETTINGS: JSON.stringify(settings),
    },
  }
}

/** vite-plugin-static-copy: no finders, no hashed names. */
export function vitePlugins(folder) {
  const argv = [node, path.join(folder, 'node_modules/vite/bin/vite.js'), 'build']
  return { argv: [...argv, '-c', path.join(folder, 'vite.config.js')], env: {} }
}

const PEERS_CONFIG = `
import path from 'node:path'
import { viteStaticCopy } from 'vite-plugin-static-copy'

export default {
  root: process.cwd(),
  publicDir: false,
  logLevel: 'error',
  build: { outDir: process.env.STATIC_ROOT, rollupOptions: { input: path.join(import.meta.dirname, 'empty.js') } },
  plugins: [viteStaticCopy({ silent: true, targets: [{ src: 'apps/*/static/**/*', dest: '.', rename: { stripBase: 3 } }] })],
}
`

/** Installs the Vite plugins; a folder outside of the repository's own packages. */
export function installVitePlugins(folder) {
  const stamp = path.join(folder, 'stamp.json')
  const pinned = readFileSync(path.join(PINNED, 'package.json'), 'utf8')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== pinned) {
    mkdirSync(folder, { recursive: true })
    cpSync(PINNED, folder, { recursive: true })
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], {
      cwd: folder,
    })
    writeFileSync(stamp, pinned)
  }
  writeFileSync(path.join(folder, 'empty.js'), '')
  writeFileSync(path.join(folder, 'vite.config.js'), PEERS_CONFIG)
  return folder
}
