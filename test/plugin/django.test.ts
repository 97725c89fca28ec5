import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectPackagesWithDjango } from '../support/django-collect.ts'
import {
  describeEachDjango,
  describeNewestDjango,
  type LiveDjango,
  runPython,
} from '../support/live-django.ts'
import { PACKAGES } from '../support/packages.ts'
import { makeParityFixture } from '../support/parity-fixture.ts'
import { buildPlayground } from '../support/playground.ts'

const SCRIPT = path.join(import.meta.dirname, '../django/read.py')

const STORAGES = [
  ['ManifestStaticFilesStorage', false],
  ['WhiteNoise', true],
] as const

/** How many checks of each kind were made, and those that failed. */
type Reading = Record<string, number> & { problems: string[] }

interface Site {
  readonly static_root: string
  readonly whitenoise: boolean
  /** The folder of its `manage.py`. */
  readonly project: string | null
}

function read({ python }: LiveDjango, site: Site): Promise<Reading> {
  return runPython(python, SCRIPT, site)
}

const temporary: string[] = []

afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true })
})

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'staticfiles-read-'))
  temporary.push(folder)
  return folder
}

async function buildFixture(): Promise<string> {
  const { root, django } = makeParityFixture()
  temporary.push(root)
  const staticRoot = temporaryFolder()
  const apps = django.apps.map(app => path.join(root, app))
  await build({
    configFile: false,
    logLevel: 'silent',
    root,
    plugins: [staticfiles({ apps, dirs: django.dirs ?? [], staticRoot })],
  })
  return staticRoot
}

describe('made-up files', () => {
  let staticRoot: string
  beforeAll(async () => {
    staticRoot = await buildFixture()
  })

  describeEachDjango('read', django => {
    test.each(STORAGES)('with %s, every name resolves to a URL that answers', async (_, whitenoise) => {
      const reading = await read(django, { static_root: staticRoot, whitenoise, project: null })
      expect(reading.problems).toEqual([])
      expect(reading['static tag']).toBeGreaterThan(100)
      if (whitenoise) expect(reading.sibling).toBeGreaterThan(10)
    })

    test('a sibling of another file and a hashed name without its plain key are noticed', async () => {
      const broken = temporaryFolder()
      cpSync(staticRoot, broken, { recursive: true })
      const manifest = JSON.parse(readFileSync(path.join(broken, 'staticfiles.json'), 'utf8'))
      const { 'tricky/css/fonts.css': fonts, 'tricky/css/paths.css': paths, ...others } = manifest.paths
      writeFileSync(path.join(broken, `${fonts}.gz`), gzipSync('another file'))
      manifest.paths = { ...others, 'tricky/css/fonts.css': fonts, 'an-alias.css': paths }
      writeFileSync(path.join(broken, 'staticfiles.json'), JSON.stringify(manifest))
      const { problems } = await read(django, { static_root: broken, whitenoise: true, project: null })
      expect(problems).toEqual([
        expect.stringContaining(`/static/${fonts}: decoded bytes: b'another file'`),
        expect.stringContaining(`/static/${fonts}: decoded bytes: b'another file'`),
        expect.stringContaining(`/static/${paths}: cache-control: 'max-age=60, public'`),
      ])
    })
  })
})

describeEachDjango('the playground', django => {
  let project: string
  beforeAll(async () => {
    project = await buildPlayground(django)
    temporary.push(project)
  })

  test.each(STORAGES)('with %s, every URL answers and every page renders', async (_, whitenoise) => {
    const reading = await read(django, {
      static_root: path.join(project, 'staticfiles'),
      whitenoise,
      project,
    })
    expect(reading.problems).toEqual([])
    expect(reading['static tag']).toBeGreaterThan(100)
    expect(reading.page).toBeGreaterThan(5)
    expect(reading['template is rendered']).toBeGreaterThan(3)
    if (whitenoise) expect(reading.sibling).toBeGreaterThan(100)
  })
})

describeNewestDjango('real packages', django => {
  test('with WhiteNoise, every URL answers', async () => {
    const { apps } = await collectPackagesWithDjango(django, PACKAGES, 'modules')
    const staticRoot = temporaryFolder()
    await buildApps(apps, staticRoot)
    const reading = await read(django, { static_root: staticRoot, whitenoise: true, project: null })
    expect(reading.problems).toEqual([])
    expect(reading['static tag']).toBeGreaterThan(3000)
    expect(reading.sibling).toBeGreaterThan(5000)
  }, 300_000)
})

/** Without brotli, which would take minutes. */
async function buildApps(apps: readonly string[], staticRoot: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'silent',
    root: staticRoot,
    plugins: [staticfiles({ apps, staticRoot, compress: { brotli: false } })],
  })
}
