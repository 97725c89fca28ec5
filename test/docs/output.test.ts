import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildMysite, mysite, pathsOf, shell } from './mysite.ts'
import { blockOn, blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'
import { configurationOf } from './typescript.ts'

/** Where the pages have a project. */
const SHOWN = '/home/me/mysite'

/** What a project printed, as a page would show it. */
function asShown(root: string, output: string): string {
  return output.replaceAll(root, SHOWN)
}

/** One blank for each run of them: pages break lines that a terminal would. */
function words(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}

function failureOf(root: string): string {
  try {
    buildMysite(root)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('the build did not fail')
}

describeDocs('what the pages show of a build', () => {
  test.each(blocksOf('text tree'))('%s names all that is written, and nothing else', async (_, { text }) => {
    const root = await mysite()
    buildMysite(root)
    expect(filesOfTree(text)).toEqual(filesIn(path.join(root, 'staticfiles')))
    const comment = text.match(/staticfiles\.json\s+(\S+) → (\S+)/u)!
    expect(pathsOf(root)[comment[1]!]).toBe(comment[2])
    const [one, other] = ['css/reset.css', pathsOf(root)['css/reset.css']!].map(
      each => statSync(path.join(root, 'staticfiles', each)).ino,
    )
    expect(one).toBe(other)
  })

  test.each(blocksOf('text broken-references'))('%s is what a build prints', async (_, { text }) => {
    const root = await mysite({
      'polls/static/polls/style.css':
        "h1 { background: url('../img/lgo.svg') }\nh2 { background: url('nowhere/none.gif') }\n",
    })
    expect(words(asShown(root, failureOf(root)))).toContain(words(text))
  })

  test.each(blocksOf('text not-minified'))('%s is what a build prints', async (_, { text }) => {
    const root = await mysite({ 'static/hack.css': '.a { *zoom: 1; background: url(img/logo.svg) }\n' })
    expect(words(asShown(root, buildMysite(root)))).toContain(words(text))
  })

  test.each(blocksOf('css result'))('%s is what a build writes', async (_, { page, text }) => {
    const config = configurationOf(blockOn(page, 'ts').text).replace(
      'staticfiles({',
      "staticfiles({ css: 'preserve',",
    )
    const source = text.replace(/\?v=[\da-f]{12}/gu, '')
    expect(source).not.toBe(text)
    const root = await mysite({ 'vite.config.ts': config, 'static/css/result.css': source })
    buildMysite(root)
    const file = path.join(root, 'staticfiles', pathsOf(root)['css/result.css']!)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test.each(blocksOf('text missing-entry'))('%s is what Node prints', async (_, { text }) => {
    const root = await mysite()
    buildMysite(root)
    writeFileSync(
      path.join(root, 'script.mjs'),
      `import { Manifest } from 'vite-plugin-staticfiles'
       try { Manifest.load('staticfiles/staticfiles.json').url('css/sit.css') } catch (error) { console.log(error.stack) }`,
    )
    const output = execFileSync(process.execPath, ['script.mjs'], { cwd: root, encoding: 'utf8' })
    expect(words(output)).toBe(words(text))
  })

  test.each(blocksOf('json check'))('%s is what `staticfiles check --json` prints', async (_, { text }) => {
    const root = await mysite({ 'static/site.css': 'a { background: url(img/lgo.svg) }\n' })
    const shown = JSON.parse(text)
    const printed = JSON.parse(asShown(root, shell(root, 'npx staticfiles check --json || true')))
    expect(printed.problems).toEqual(shown.problems)
    expect(Object.keys(printed)).toEqual(Object.keys(shown))
  })

  test.each(blocksOf('json manifest'))('%s is a part of a manifest', async (_, { text }) => {
    const root = await mysite()
    buildMysite(root)
    const { paths, ...rest } = JSON.parse(text)
    const manifest = JSON.parse(readFileSync(path.join(root, 'staticfiles/staticfiles.json'), 'utf8'))
    expect(manifest).toMatchObject(rest)
    expect(Object.keys(manifest)).toEqual(Object.keys(JSON.parse(text)))
    expect(manifest.paths).toMatchObject(paths)
  })
})

/** `with .gz and .br` behind a file names two more. */
function filesOfTree(text: string): string[] {
  const lines = text.split('\n').slice(1).filter(Boolean)
  return lines
    .flatMap(line => {
      const file = line.trim().split(/\s+/u)[0]!
      const siblings = line.match(/\bwith (\.\w+(?: and \.\w+)?)/u)?.[1]?.split(' and ') ?? []
      return [file, ...siblings.map(sibling => file + sibling)]
    })
    .sort()
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => statSync(path.join(folder, file)).isFile())
    .map(file => file.replaceAll(path.sep, '/'))
    .sort()
}
