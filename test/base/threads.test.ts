import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { expect, onTestFinished, test } from 'vitest'
import { projectFolder } from '../support/project.ts'

const FILES = 400

/** More files than one thread does alone. */
async function site() {
  const root = await projectFolder()
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  mkdirSync(path.join(root, 'static'))
  for (let file = 0; file < FILES; file++) {
    writeFileSync(path.join(root, `static/${file}.txt`), `text ${file}`)
    writeFileSync(path.join(root, `static/${file}.css`), `a { background: url(${file}.txt) }`)
  }
  return root
}

function buildInto(root: string, staticRoot: string) {
  const plugins = [staticfiles({ dirs: ['static'], staticRoot, compress: false })]
  return build({ root, configFile: false, logLevel: 'silent', plugins })
}

test('builds of one process share their threads', async () => {
  const root = await site()
  const folders = ['one', 'two', 'three']
  await Promise.all(folders.map(folder => buildInto(root, folder)))
  const [one, ...others] = folders.map(folder => readdirSync(path.join(root, folder)).sort())
  // With the index and the manifest.
  expect(one).toHaveLength(4 * FILES + 2)
  for (const other of others) expect(other).toEqual(one)
})

test('an error in another thread is told as it would be in this one', async () => {
  const root = await site()
  const folder = path.join(root, 'out')
  await buildInto(root, 'out')
  const names = readdirSync(folder).filter(name => /^0\.[0-9a-f]{12}\.txt$/.test(name))
  await rm(path.join(folder, names[0]!))
  mkdirSync(path.join(folder, names[0]!))
  const failed = build({
    ...{ root, configFile: false, logLevel: 'silent', build: { emptyOutDir: false } },
    plugins: [staticfiles({ dirs: ['static'], staticRoot: 'out', compress: false })],
  })
  await expect(failed).rejects.toThrow(
    `cannot write ${path.join(folder, names[0]!)}: it is a folder; remove it`,
  )
})
