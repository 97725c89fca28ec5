// `npm run bench:collect`: collecting beside Django, WhiteNoise and Vite plugins, whole processes in turn; the tables go
// into docs/performance.md. `npm run bench:quick`: the ratios that matter most, on the small project.
import path from 'node:path'
import { runnerImport } from 'vite'
import { bundleProject, packagesCorpus, syntheticCorpus } from './corpora.js'
import { levelsTable } from './levels.js'
import { freshRoot, inTurn, removeRoots, run, withChange } from './measure.js'
import {
  bareCompression,
  bareWriting,
  bundling,
  django,
  installVitePlugins,
  ours,
  vitePlugins,
} from './peers.js'
import { describeMachine, describeProject, publish, siblingBytes, table } from './tables.js'

const ROOT = path.resolve(import.meta.dirname, '..')
const BENCH = path.join(ROOT, '.cache/bench')

/** The stylesheet that `warm-one` changes; others refer to none of these, and they refer to fonts or images. */
const CHANGED = {
  small: 'apps/leaflet/static/leaflet/dist/leaflet.css',
  full: 'apps/font_awesome/static/font_awesome/css/font-awesome.css',
}

/** `BENCH_ROUNDS=1` measures everything once: so often at most. */
const rounds = number => Math.min(number, Number(process.env.BENCH_ROUNDS ?? number))

/** How often the large project is measured. */
const FULL = { collect: 5, compress: 1, warm: 5 }

/** With ten times as many it takes more than eleven minutes. */
const MOST_FOR_DJANGO = 10_000

let colds = 0

/** A build that has no other before it: nothing is in its cache. */
const cold = () => ({ cache: `cache-cold/${colds++}` })

const SECTIONS = { quick, small, full, levels, growth, bundles }

/** Parts of the sections above. */
const PARTS = {
  'full-collect': () => collecting('full', FULL),
  'full-compress': () => compressing('full', FULL),
}
const wanted = process.argv.slice(2)
const python = await benchPython()
for (const [name, section] of Object.entries({ ...SECTIONS, ...PARTS })) {
  if (wanted.includes(name) || (wanted.length === 0 && name !== 'quick' && !(name in PARTS))) await section()
}

async function benchPython() {
  const { module } = await runnerImport(path.join(ROOT, 'test/support/python.ts'))
  const environment = await module.benchEnvironment()
  if (environment.reason) throw new Error(`The benchmark needs Django: ${environment.reason}`)
  return environment.python
}

async function corpus(size) {
  const { module } = await runnerImport(path.join(ROOT, 'test/support/vendor.ts'))
  return packagesCorpus(BENCH, size, module.vendorPackages())
}

async function quick() {
  const project = await corpus('small')
  const collected = inTurn(3, {
    theirs: () => run(project, django(python, 'manifest')),
    ours: () => run(project, ours({ compress: false }, cold())),
  })
  const compressed = inTurn(1, {
    theirs: () => run(project, django(python, 'whitenoise')),
    ours: () => run(project, ours({}, { cache: 'cache-quick' })),
  })
  const warm = warmRuns(project, 'small', 3, 'cache-quick')
  ratio('collect-cold', collected.theirs, collected.ours)
  ratio('compress-cold', compressed.theirs, compressed.ours)
  ratio('warm', compressed.theirs, warm.warm)
  ratio('warm-one', warm.warm, warm.one)
  removeRoots(project, 'cache-quick', 'cache-cold')
}

function ratio(name, theirs, own) {
  console.log(`ratio ${name} ${(theirs.seconds / own.seconds).toFixed(2)}`)
}

/** Needs a cache that a build has filled. */
function warmRuns(project, size, times, cache) {
  let changes = 0
  return inTurn(times, {
    warm: () => run(project, ours({}, { cache })),
    one: () =>
      withChange(path.join(project, CHANGED[size]), `/* ${++changes} */\n`, () =>
        run(project, ours({}, { cache })),
      ),
  })
}

async function small() {
  const times = { collect: 7, compress: 3, warm: 7 }
  await collecting('small', times)
  await compressing('small', times)
}

async function full() {
  await collecting('full', FULL)
  await compressing('full', FULL)
}

async function collecting(size, times) {
  const project = await corpus(size)
  const plugins = installVitePlugins(path.join(BENCH, 'peers'))
  const copy = { compress: false }
  const results = inTurn(rounds(times.collect), {
    "Django's manifest storage": () => run(project, django(python, 'manifest')),
    'django-manifeststaticfiles-enhanced': () => run(project, django(python, 'enhanced')),
    'vite-plugin-static-copy, which neither hashes nor rewrites': () => run(project, vitePlugins(plugins)),
    '`vite build`': () => run(project, ours(copy, cold())),
    '`staticfiles collect`': () => run(project, ours(copy, { collect: true, ...cold() })),
    "`vite build` with `js: 'modules'` and `css: 'lightningcss'`": () =>
      run(project, ours({ ...copy, js: 'modules', css: 'lightningcss' }, cold())),
  })
  publish(`collect-${size}`, [
    ...describeProject(project),
    table("Django's manifest storage", results),
    'Nothing changed, into the same folder:',
    table("Django's manifest storage", againRuns(project, rounds(times.collect))),
  ])
  removeRoots(project, 'cache-full', 'cache-cold')
}

function againRuns(project, times) {
  const [theirs, own] = [freshRoot(project), freshRoot(project)]
  const collect = ours({ compress: false }, { collect: true })
  run(project, django(python, 'manifest'), theirs)
  run(project, collect, own)
  return inTurn(times, {
    "Django's manifest storage": () => run(project, django(python, 'manifest'), theirs),
    '`staticfiles collect`': () => run(project, collect, own),
  })
}

async function compressing(size, times) {
  const project = await corpus(size)
  const { staticRoot } = run(project, ours({ compress: false }, cold()))
  const caches = []
  const first = inTurn(rounds(times.compress), {
    'WhiteNoise, hashed and plain copies': () => run(project, django(python, 'whitenoise')),
    'WhiteNoise, hashed copies only': () =>
      run(project, django(python, 'whitenoise', { WHITENOISE_KEEP_ONLY_HASHED_FILES: true })),
    'Node alone: each distinct content once': () => run(project, bareCompression(staticRoot)),
    '`vite build`, no cache': () => {
      caches.push(cold())
      return run(project, ours({}, caches.at(-1)))
    },
    "`vite build`, no cache, `effort: 'fast'`": () =>
      run(project, ours({ compress: { effort: 'fast' } }, cold())),
  })
  const warm = warmRuns(project, size, rounds(times.warm), caches.at(-1).cache)
  const bare = inTurn(rounds(times.warm), {
    bare: () => run(project, bareWriting(first['`vite build`, no cache'].staticRoot)),
  })
  const all = {
    ...first,
    'Node alone: all files and siblings of a finished folder into an empty one': bare.bare,
    '`vite build`, full cache, empty folder': warm.warm,
    '`vite build`, full cache, one stylesheet changed': warm.one,
  }
  const tables = [table('WhiteNoise, hashed and plain copies', all), siblingBytes(first)]
  publish(`compress-${size}`, [...describeProject(project), ...tables])
  removeRoots(project, 'cache-cold')
}

async function growth() {
  const plugins = installVitePlugins(path.join(BENCH, 'peers'))
  const results = {}
  const projects = [1_000, 10_000, 100_000].map(count => [count, syntheticCorpus(BENCH, count)])
  for (const [count, project] of projects) {
    const files = `${count.toLocaleString('en')} files`
    const djangos = {
      [`Django's manifest storage, ${files}`]: () => run(project, django(python, 'manifest')),
      [`django-manifeststaticfiles-enhanced, ${files}`]: () => run(project, django(python, 'enhanced')),
    }
    const measured = inTurn(rounds(count > MOST_FOR_DJANGO ? 1 : 3), {
      ...(count <= MOST_FOR_DJANGO && djangos),
      [`vite-plugin-static-copy, ${files}`]: () => run(project, vitePlugins(plugins)),
      [`\`vite build\`, ${files}`]: () => run(project, ours({ compress: false }, cold())),
    })
    Object.assign(results, measured)
    removeRoots(project, 'cache-cold')
  }
  publish('growth', [table(undefined, results)])
}

async function levels() {
  publish('levels', [levelsTable(await corpus('small'))])
}

/** What the plugin adds to a build that has nothing to collect. */
async function bundles() {
  const project = bundleProject(BENCH, 500)
  const results = inTurn(rounds(9), {
    'Vite alone': () => run(project, bundling(false)),
    'with the plugin': () => run(project, bundling(true)),
  })
  publish('bundles', [table('Vite alone', results)])
  removeRoots(project)
}

console.log(describeMachine(BENCH))
