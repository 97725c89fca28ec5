// The projects that bench/collect.js measures: npm packages laid out as Django apps, and files that are made up.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const VITE_CONFIG = `
import { staticfiles } from 'vite-plugin-staticfiles'

const { STATIC_ROOT: staticRoot, BENCH_OPTIONS = '{}', BENCH_CACHE: cacheDir } = process.env
export default {
  cacheDir,
  publicDir: false,
  plugins: [staticfiles({ apps: ['apps/*'], staticRoot, ...JSON.parse(BENCH_OPTIONS) })],
}
`

/** About 475 files of these packages, about 10,000 of all. */
const SMALL = ['bootstrap', 'jquery-ui-dist', 'leaflet']

/**
 * Makes a project once; nothing of it changes afterwards.
 * @param fill puts files below `apps/NAME/static/`
 */
function project(folder, fill) {
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(path.join(unfinished, 'apps'), { recursive: true })
  fill(unfinished)
  writeFileSync(path.join(unfinished, 'vite.config.js'), VITE_CONFIG)
  renameSync(unfinished, folder)
  return folder
}

function appFolder(root, app) {
  const folder = path.join(root, 'apps', app, 'static', app)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(root, 'apps', app, '__init__.py'), '')
  return folder
}

/**
 * @param packages pairs of a name and a folder
 * @param size 'small' or 'full'
 */
export function packagesCorpus(beside, size, packages) {
  return project(path.join(beside, size), root => {
    for (const [name, folder] of packages) {
      if (size === 'small' && !SMALL.includes(name)) continue
      cpSync(folder, appFolder(root, name.replace(/\W/gu, '_')), { recursive: true })
    }
  })
}

const FILES_AN_APP = 500

/**
 * As many files as wanted, of 20 KB on average, no two alike: of ten, six are like images, two scripts, one is a
 * stylesheet that refers to two images, and one a text.
 */
export function syntheticCorpus(beside, count) {
  return project(path.join(beside, `synthetic-${count}`), root => {
    const random = generator(count)
    for (let made = 0; made < count; made += FILES_AN_APP) {
      const folder = appFolder(root, `app${made / FILES_AN_APP}`)
      for (let file = 0; file < Math.min(FILES_AN_APP, count - made); file++) writeFile(folder, file, random)
    }
  })
}

function writeFile(folder, file, random) {
  const size = 2_000 + (random() % 36_000)
  const kind = file % 10
  if (kind < 6) return writeFileSync(path.join(folder, `image${file}.png`), noise(size, random))
  if (kind < 8) return writeFileSync(path.join(folder, `script${file}.js`), text(size, random))
  if (kind < 9) {
    const rules = [file - 8, file - 7].map(image => `.image${image} { background: url(image${image}.png) }\n`)
    return writeFileSync(path.join(folder, `style${file}.css`), rules.join('') + styles(size, random))
  }
  writeFileSync(path.join(folder, `text${file}.txt`), text(size, random))
}

function noise(size, random) {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let at = 0; at < words.length; at++) words[at] = random()
  return Buffer.from(words.buffer, 0, size)
}

function text(size, random) {
  let made = ''
  while (made.length < size) made += `value${random() % 1000} = call(${random()}, "text");\n`
  return made
}

function styles(size, random) {
  let made = ''
  while (made.length < size) made += `.class${random() % 1000} { color: #${(random() >>> 8).toString(16)} }\n`
  return made
}

/** Mulberry32: the same numbers on every machine. */
function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Modules that import one another, and nothing to collect. */
export function bundleProject(beside, modules) {
  const config = `
import { staticfiles } from 'vite-plugin-staticfiles'

const plugins = process.env.BENCH_PLUGIN ? [staticfiles({ entries: ['app.ts'], compress: false })] : []
const input = process.env.BENCH_PLUGIN ? {} : { rollupOptions: { input: 'app.ts' } }
export default { publicDir: false, plugins, build: { outDir: process.env.STATIC_ROOT, manifest: true, ...input } }
`
  const root = path.join(beside, 'bundles')
  if (existsSync(root)) return root
  mkdirSync(root, { recursive: true })
  const random = generator(1)
  const names = Array.from({ length: modules }, (_, index) => `module${index}`)
  for (const name of names) {
    const code = text(4000, random).replaceAll(/value(\d+) = call\((\d+)/gu, 'console.log($1, $2')
    writeFileSync(path.join(root, `${name}.ts`), `export const ${name}: number = ${random()}\n${code}`)
  }
  const app = names.map(name => `import { ${name} } from './${name}.ts'\nconsole.log(${name})\n`)
  writeFileSync(path.join(root, 'app.ts'), app.join(''))
  writeFileSync(path.join(root, 'vite.config.js'), config)
  return root
}

/** Files and bytes of a project. */
export function sizeOf(root) {
  const [files, bytes] = execFileSync(
    'find',
    ['apps', '-type', 'f', '-path', '*/static/*', '-printf', '%s\n'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  )
    .trimEnd()
    .split('\n')
    .reduce(([count, sum], size) => [count + 1, sum + Number(size)], [0, 0])
  return { files, bytes, apps: readdirSync(path.join(root, 'apps')).length }
}
