import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Options, staticfiles } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { tree } from '../support/tree.ts'
import { overwrite, untilWatched } from '../support/watches.ts'

interface Watcher {
  close(): Promise<void>
}

const vites = { 'Vite 6': 'vite6', 'Vite 7': 'vite7', 'Vite 8': 'vite' }

describe.each(Object.entries(vites))('vite build --watch, %s', (_name, vite) => {
  test('rebuilds what a changed, added or removed file touches', async () => {
    const root = await tree({
      'polls/static/polls/a.css': 'a { background: url(a.png) }',
      'polls/static/polls/a.png': 'one',
      'polls/static/polls/other.txt': 'other',
    })
    const watcher = await watch(vite, root)
    const manifest = () => readPaths(root)
    try {
      await eventually(() => expect(Object.keys(manifest())).toHaveLength(3))
      const before = manifest()
      const untouched = inode(root, before['polls/other.txt']!)

      await edit(vite, path.join(root, 'polls/static/polls/a.png'), 'two')
      await eventually(() => expect(manifest()['polls/a.css']).not.toBe(before['polls/a.css']))
      expect(manifest()['polls/a.png']).not.toBe(before['polls/a.png'])
      expect(inode(root, manifest()['polls/other.txt']!)).toBe(untouched)

      await mkdir(path.join(root, 'polls/static/polls/new'))
      await writeFile(path.join(root, 'polls/static/polls/new/b.txt'), 'new')
      await eventually(() => expect(manifest()['polls/new/b.txt']).toBeDefined())

      await rm(path.join(root, 'polls/static/polls/new/b.txt'))
      await eventually(() => expect(manifest()['polls/new/b.txt']).toBeUndefined())
    } finally {
      await watcher.close()
    }
  })

  test('builds the entries that a changed template names', async () => {
    const root = await tree({
      'polls/templates/polls/a.html': `{% static 'polls/first.ts' %}`,
      'polls/static/polls/first.ts': 'console.log(1 as number)',
      'polls/static/polls/later.ts': `import './later.css'; console.log(2 as number)`,
      'polls/static/polls/later.css': 'a { color: red }',
      'polls/static/polls/site.scss': 'a { b { color: red } }',
    })
    const watcher = await watch(vite, root, { entries: 'templates' })
    const manifest = () => readPaths(root)
    try {
      await eventually(() => expect(manifest()['polls/first.ts']).toMatch(HASHED_SCRIPT))
      await edit(
        vite,
        path.join(root, 'polls/templates/polls/a.html'),
        `{% static 'polls/first.ts' %}{% static 'polls/later.ts' %}{% static 'polls/later.css' %}
        {% static 'polls/site.css' %}`,
      )
      await eventually(() => expect(manifest()['polls/later.ts']).toMatch(HASHED_SCRIPT))
      expect(manifest()['polls/first.ts']).toMatch(HASHED_SCRIPT)
      expect(manifest()['polls/later.css']).toMatch(/^polls\/later\.[0-9a-f]{12}\.css$/)
      expect(manifest()['polls/site.scss']).toMatch(/^polls\/site\.[0-9a-f]{12}\.css$/)
      const css = readFileSync(path.join(root, 'staticfiles', manifest()['polls/site.css']!), 'utf8')
      expect(css).toMatch(/a b\s*\{\s*color:\s*red/)
    } finally {
      await watcher.close()
    }
  })

  test('ends the build that is running before it closes', async () => {
    const root = await tree({ 'polls/static/polls/a.txt': 'one' })
    for (let round = 0; round < 5; round++) {
      await writeFile(path.join(root, 'polls/static/polls/a.txt'), `${round}`)
      const watcher = await watch(vite, root, { types: path.join(root, `names-${round}.d.ts`) })
      await eventually(
        () => expect(existsSync(path.join(root, 'staticfiles/staticfiles.json'))).toBe(true),
        0,
      )
      await watcher.close()
      // Written after the manifest.
      expect(existsSync(path.join(root, `names-${round}.d.ts`))).toBe(true)
      await rm(path.join(root, 'staticfiles'), { recursive: true })
    }
  })
})

/** Changes a file once the bundler watches it: it misses an edit before that. */
async function edit(vite: string, file: string, text: string): Promise<void> {
  // Rolldown watches folders, Rollup files.
  await untilWatched(vite === 'vite' ? path.dirname(file) : file)
  overwrite(file, text)
}

const HASHED_SCRIPT = /\.[0-9a-f]{12}\.js$/

async function watch(vite: string, root: string, options: Options = {}): Promise<Watcher> {
  const { build } = (await import(vite)) as { build(config: object): Promise<unknown> }
  const plugins = [staticfiles({ apps: ['polls'], staticRoot: 'staticfiles', compress: false, ...options })]
  const config = {
    root,
    configFile: false,
    logLevel: 'silent',
    plugins,
    build: { watch: {}, emptyOutDir: false },
  }
  return (await build(config)) as Watcher
}

function readPaths(root: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(root, 'staticfiles/staticfiles.json'), 'utf8')).paths
}

function inode(root: string, name: string): number {
  return statSync(path.join(root, 'staticfiles', name)).ino
}
