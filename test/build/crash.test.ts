import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { tree } from '../support/tree.ts'

const FILES = 150
/** `KILLS=200 npx vitest run test/build/crash.test.ts` kills more often. */
const KILLS = Number(process.env.KILLS ?? 8)

test(
  'a build killed at any moment leaves the release of before usable, and the next build is whole',
  async () => {
    const root = await tree({ ...release(0), 'build.mjs': buildScript })
    const duration = await timed(() => finished(build(root)))
    const clean = await filesOf(root)
    let killed = 0
    for (let round = 1; round <= KILLS; round++) {
      for (const [file, content] of Object.entries(release(round)))
        await writeFile(path.join(root, file), content)
      const child = build(root)
      await sleep(duration * Math.random())
      if (child.exitCode === null) killed++
      child.kill('SIGKILL')
      await finished(child).catch(() => {})
      expectUsable(root)
    }
    expect(killed).toBeGreaterThan(KILLS / 3)

    for (const [file, content] of Object.entries(release(0))) await writeFile(path.join(root, file), content)
    await finished(build(root))
    const names = Object.values(readPaths(root))
    expect(names.filter(name => clean.get(name) === undefined)).toEqual([])
    expectUsable(root)
    const left = await filesOf(root)
    expect([...left.keys()].filter(name => name.endsWith('.tmp'))).toEqual([])
    // Both also name what earlier releases left.
    const current = [...clean.keys()].filter(name => !/(?:index|releases)\.json$/.test(name))
    expect(current.filter(name => left.get(name) !== clean.get(name))).toEqual([])
    console.info(`${killed} of ${KILLS} builds were killed`)
  },
  60_000 + KILLS * 10_000,
)

const buildScript = `
  import { build } from 'vite'
  import { staticfiles } from 'vite-plugin-staticfiles'
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    build: { emptyOutDir: false },
    plugins: [staticfiles({ dirs: ['static'], staticRoot: 'out', css: 'preserve' })],
  })
`

/** Stylesheets that refer to text files, all different in each round. */
function release(round: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let index = 0; index < FILES; index++) {
    files[`static/text${index}.txt`] = `text ${index} of release ${round}\n`.repeat(50)
    files[`static/style${index}.css`] = `a { background: url(text${index}.txt) } /* ${round} */`
  }
  return files
}

/** It runs in the repository, so that it finds the packages. */
function build(root: string) {
  const options = { cwd: path.resolve(import.meta.dirname, '../..'), stdio: 'ignore' } as const
  const source = readFileSync(path.join(root, 'build.mjs'), 'utf8').replace(
    'import.meta.dirname',
    JSON.stringify(root),
  )
  return spawn(process.execPath, ['--input-type=module', '--eval', source], options)
}

function finished(child: ReturnType<typeof build>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve, reject) => {
    child.once('exit', code => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))))
  })
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function readPaths(root: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(root, 'out/staticfiles.json'), 'utf8')).paths
}

/** Every name of the manifest has a file whose bytes have the hash of its name. */
function expectUsable(root: string): void {
  const names = Object.values(readPaths(root))
  expect(names).toHaveLength(2 * FILES)
  const broken = names.filter(name => {
    const file = path.join(root, 'out', name)
    if (!existsSync(file)) return true
    return !name.includes(createHash('md5').update(readFileSync(file)).digest('hex').slice(0, 12))
  })
  expect(broken).toEqual([])
}

async function filesOf(root: string): Promise<Map<string, string>> {
  const out = path.join(root, 'out')
  return new Map(readdirSync(out).map(file => [file, readFileSync(path.join(out, file), 'latin1')]))
}
