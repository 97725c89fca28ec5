import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildMysite, MYSITE, mysite, projectEnvironment } from './mysite.ts'
import { type Block, blockOn, blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'
import { configurationOf, typeErrors } from './typescript.ts'

/** What the fragments of the pages name besides README's project. */
const MORE = {
  'static/css/site.scss': 'a { b { color: red } }\n',
  'frontend/main.ts': 'document.title = "Frontend"\n',
  'static/img/hero.jpg': 'hero'.repeat(2000),
  'static/css/bundle.css': "@import './reset.css';\n",
  'static/js/bundle.js': 'document.title = "Bundle"\n',
  'polls/static/polls/base.css': 'h2 { color: teal }\n',
  'polls/static/polls/worker.ts': 'postMessage(1)\n',
}

describeDocs('a configuration of the pages', () => {
  test.each(blocksOf('ts'))('%s has the right types, and builds', async (_, { text }) => {
    const root = await mysite(MORE)
    await buildConfiguration(root, configurationOf(text))
  })

  test('that is wrong is refused', async () => {
    const wrong = configurationOf("staticfiles({ djang: 'manage.py' })\n")
    await expect(buildConfiguration(await mysite(), wrong)).rejects.toThrow("'djang' does not exist")
    const broken = configurationOf(
      "staticfiles({ django: 'manage.py', dirs: ['nowhere'], entries: ['nowhere.ts'] })",
    )
    await expect(buildConfiguration(await mysite(), broken)).rejects.toThrow('nowhere.ts')
  })
})

/** Type checks and builds; a configuration for a project in `backend/` gets one. */
async function buildConfiguration(root: string, config: string): Promise<void> {
  if (config.includes("'backend/manage.py'")) {
    for (const each of ['manage.py', 'mysite', 'polls', 'static']) {
      cpSync(path.join(root, each), path.join(root, 'backend', each), { recursive: true })
    }
  }
  const errors = typeErrors(root, 'vite.config.ts', config)
  if (errors.length > 0) throw new Error(errors.join('\n'))
  buildMysite(root)
  const staticRoot = path.join(root, config.includes("'backend/manage.py'") ? 'backend' : '', 'staticfiles')
  const { paths } = JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8'))
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['polls/app.ts', 'polls/style.css']))
  for (const entry of config.match(/entries: \[(.*)\]/u)?.[1]?.match(/[\w./]+/gu) ?? []) {
    expect(paths[entry]).toMatch(/\.[\da-f]{12}\.(?:js|css)$/u)
  }
}

describeDocs('the source of an entry in the pages', () => {
  test.each(blocksOf('ts entry'))('%s has the right types, and is bundled', async (_, { text }) => {
    const root = await mysite(MORE)
    const used = [...text.matchAll(/import (\w+) from/gu)].map(match => match[1])
    const source = `${text}\nconsole.log(${used})\nexport {}\n`
    expect(typeErrors(root, 'polls/static/polls/app.ts', source)).toEqual([])
    buildMysite(root)
    expect(bundleOf(root, 'polls/app.ts')).toMatch(/\.[\da-f]{12}\./u)
  })

  test.each(blocksOf('scss entry'))('%s is bundled', async (_, { text }) => {
    const root = await mysite({ ...MORE, 'static/css/site.scss': text })
    writeFileSync(path.join(root, 'vite.config.ts'), configurationOf("entries: ['css/site.scss']\n"))
    buildMysite(root)
    expect(bundleOf(root, 'css/site.scss')).toMatch(/url\(\.\.\/img\/hero\.[\da-f]{12}\.jpg\)/u)
  })

  test('that is wrong is refused', async () => {
    const root = await mysite({ 'polls/static/polls/app.ts': "import '/static/polls/nowhere.css'\n" })
    expect(() => buildMysite(root)).toThrow('nowhere.css')
  })
})

function bundleOf(root: string, name: string): string {
  const staticRoot = path.join(root, 'staticfiles')
  const { paths } = JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8'))
  return readFileSync(path.join(staticRoot, paths[name]), 'utf8')
}

test.each(blocksOf('js rollup'))('%s builds with Rollup alone', async (_, { text }) => {
  const root = await mysite({
    ...MYSITE,
    'src/main.js': 'document.title = "Rollup"\n',
    'rollup.config.js': text,
  })
  execFileSync(process.execPath, [path.join(root, 'node_modules/rollup/dist/bin/rollup'), '-c'], {
    cwd: root,
    env: projectEnvironment(root),
    stdio: 'pipe',
  })
  const manifest = readFileSync(path.join(root, 'staticfiles/staticfiles.json'), 'utf8')
  expect(Object.keys(JSON.parse(manifest).paths)).toEqual(
    expect.arrayContaining(['css/site.css', 'polls/style.css', 'src/main.js']),
  )
})

test('each page that shows the whole configuration shows the same', () => {
  const plugin = ({ text }: Block) => text.match(/import [\s\S]*?defineConfig\(/u)?.[0]
  expect(plugin(blockOn('docs/from-collectstatic.md', 'ts'))).toBe(plugin(blockOn('README.md', 'ts')))
})
