import { rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Options } from '../../src/options/options.ts'
import {
  loadProject,
  type Project,
  resolveProject,
  withEntries,
  withTemplate,
  withTemplates,
  withVite,
} from '../../src/options/project.ts'
import { addTo, type Tree, tree } from '../support/tree.ts'

const FILES: Tree = {
  'polls/static/polls/app.ts': '',
  'polls/static/polls/more.ts': '',
  'polls/templates/a.html': "{% static 'polls/app.ts' %}",
  'polls/templates/b.html': 'none',
}

test('a project is what the user wrote, that resolved, and what templates make of it', async () => {
  const { given, asked, options, entries, templates, notes, django } = await load(await tree(FILES))
  expect(given).toEqual(GIVEN)
  expect(asked).toBe(given)
  expect(options).toMatchObject({ css: 'preserve', keepUnhashed: true })
  expect(entries.map(({ name }) => name)).toEqual(['polls/app.ts'])
  expect(templates.map(({ name, line }) => [name, line])).toEqual([['polls/app.ts', 1]])
  expect([notes, django]).toEqual([[], undefined])
})

test('a project never changes: what changes is in another one', async () => {
  const root = await tree(FILES)
  const project = await load(root)
  const before = structuredClone(project.entries)
  await addTo(root, { 'polls/templates/b.html': "{% static 'polls/more.ts' %}" })
  const changed = withEntries(withTemplate(project, path.join(root, 'polls/templates/b.html'))!)
  expect(namesOf(changed)).toEqual(['polls/app.ts', 'polls/more.ts'])
  expect(changed.options).toBe(project.options)
  expect(project.entries).toEqual(before)
  expect(withEntries(withTemplates(project)).entries).toEqual(changed.entries)
})

test('a template that is read again keeps its place among the others', async () => {
  const root = await tree({ ...FILES, 'polls/templates/b.html': "{% static 'polls/more.ts' %}" })
  const project = await load(root)
  const again = withTemplate(project, path.join(root, 'polls/templates/a.html'))
  expect(again?.templates).toEqual(project.templates)
  rmSync(path.join(root, 'polls/templates/a.html'))
  const without = withTemplate(project, path.join(root, 'polls/templates/a.html'))
  expect(without?.templates.map(({ name }) => name)).toEqual(['polls/more.ts'])
  expect(withTemplate(project, path.join(root, 'polls/models.py'))).toBeUndefined()
})

test('what Vite resolves later is taken over, without another look at the folders', async () => {
  const root = await tree(FILES)
  const project = await load(root)
  await addTo(root, { 'pages/static/pages/late.css': '' })
  const later = withVite(project, { root, outDir: 'out', cssMinify: true })
  expect(later.options).toMatchObject({ staticRoot: path.join(root, 'out'), css: 'lightningcss' })
  expect(later.options.apps).toBe(project.options.apps)
  expect(later.entries).toBe(project.entries)
  const again = resolveProject(later, { root, outDir: 'out', cssMinify: true })
  expect(again.options.apps.flatMap(({ folders }) => folders)).toEqual([
    path.join(root, 'pages'),
    path.join(root, 'polls'),
  ])
})

test('another root of Vite is another place to look', async () => {
  const [root, other] = [await tree({ 'polls/x': '' }), await tree(FILES)]
  const project = await load(root)
  const moved = withVite(project, { root: other, outDir: undefined, cssMinify: false })
  expect([namesOf(project), namesOf(moved)]).toEqual([[], ['polls/app.ts']])
})

const GIVEN: Options = { apps: ['p*'], entries: 'templates' }

function load(root: string): Promise<Project> {
  const vite = {
    root,
    outDir: undefined,
    cssMinify: false,
    base: undefined,
    cacheDir: path.join(root, '.vite'),
  }
  return loadProject(GIVEN, vite)
}

function namesOf({ entries }: Project): string[] {
  return entries.map(({ name }) => name)
}
