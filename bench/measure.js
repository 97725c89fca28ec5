// Runs whole processes in turn, and says what each took.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'

const MEASURE = path.join(import.meta.dirname, 'measure.py')

/**
 * Runs a command in a project, into a static root of its own unless one is given: creating files where many have been
 * deleted is slow in some file systems, so that nothing is deleted between runs.
 * @returns what it took: seconds, seconds of all processors, bytes of memory at the peak, and the static root
 */
export function run(project, { argv, env }, staticRoot = freshRoot(project)) {
  // What earlier runs wrote is not this one's to wait for.
  execFileSync('sync')
  const { stdout, stderr } = spawnSync('python3', [MEASURE, ...argv], {
    cwd: project,
    env: { ...process.env, ...env, STATIC_ROOT: staticRoot },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) || '{}')
  if (result.code !== 0) throw new Error(`${argv.join(' ')} failed in ${project}\n${stdout}${stderr}`)
  return { ...result, staticRoot, busy: result.cpu / result.seconds / availableParallelism() }
}

export function freshRoot(project) {
  return mkdtempSync(path.join(project, 'root-'))
}

/** Removes what the runs left in a project. */
export function removeRoots(project, ...others) {
  const roots = readdirSync(project).filter(name => name.startsWith('root-'))
  for (const folder of [...roots, ...others])
    rmSync(path.join(project, folder), { recursive: true, force: true })
}

/** Runs something while a file has more at its end. */
export function withChange(file, addition, work) {
  const text = readFileSync(file)
  writeFileSync(file, Buffer.concat([text, Buffer.from(addition)]))
  try {
    return work()
  } finally {
    writeFileSync(file, text)
  }
}

/**
 * Runs several things in turn, as often as wanted.
 * @param runs functions by name, each of one measurement
 */
export function inTurn(rounds, runs) {
  const results = Object.fromEntries(Object.keys(runs).map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(runs)) results[name].push(measure())
  }
  return Object.fromEntries(Object.entries(results).map(([name, list]) => [name, summary(list)]))
}

function summary(list) {
  const sorted = values => values.toSorted((one, other) => one - other)
  const median = values => sorted(values)[values.length >> 1]
  const seconds = list.map(each => each.seconds)
  return {
    seconds: median(seconds),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
    cpu: median(list.map(each => each.cpu)),
    busy: median(list.map(each => each.busy)),
    memory: Math.max(...list.map(each => each.memory)),
    staticRoot: list[0].staticRoot,
  }
}
