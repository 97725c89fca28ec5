import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'
import { type Options, staticfiles } from 'vite-plugin-staticfiles'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectPackagesWithDjango, collectWithDjango } from '../support/django-collect.ts'
import { describeEachDjango, type LiveDjango } from '../support/live-django.ts'
import { PACKAGES } from '../support/packages.ts'
import { type Collected, differences, differing, readCollected } from '../support/parity.ts'
import { makeParityFixture, type ParityFixture } from '../support/parity-fixture.ts'
import { appliesTo, disagreements, listedDifferences, type Scripts } from '../support/parity-list.ts'

const NEWEST = '6.1'
const SCRIPTS: readonly Scripts[] = ['source-maps', 'modules']
const FIXTURES = path.join(import.meta.dirname, '../fixtures')
const RECORDED = path.join(FIXTURES, 'parity-django')
const FAILURES = path.join(FIXTURES, 'parity-failures')

const temporary: string[] = []

afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true })
})

/** Builds as Django would: nothing but the references changes, and nothing is compressed. */
async function collect(locations: Pick<Options, 'apps' | 'dirs'>, js: Scripts): Promise<string> {
  const staticRoot = mkdtempSync(path.join(tmpdir(), 'staticfiles-ours-'))
  temporary.push(staticRoot)
  await build({
    configFile: false,
    logLevel: 'silent',
    root: FIXTURES,
    plugins: [staticfiles({ ...locations, js, css: 'preserve', compress: false, staticRoot })],
  })
  return staticRoot
}

function fixtureLocations({ root, django }: ParityFixture): Pick<Options, 'apps' | 'dirs'> {
  return { apps: django.apps.map(app => path.join(root, app)), dirs: django.dirs ?? [] }
}

/** What the list in docs/parity.md does not say, or says wrongly. */
function disagreementsOf(
  heading: string,
  version: string,
  scripts: Scripts,
  django: Collected,
  root: string,
): string[] {
  const found = differences(django, readCollected(root), name => readFileSync(path.join(root, name)))
  const listed = listedDifferences(heading).filter(row => appliesTo(row, version, scripts))
  return disagreements(found, listed)
}

/** Before 6.1, Django wrote the names in the order in which it had collected them. */
function expectSameFiles(version: string, django: Collected, ours: Collected) {
  expect(ours.others).toEqual([])
  const names = differing(django, ours)
  const expected = asWithOurHashes(django, ours, names)
  const actual = names.length === 0 ? ours.manifest : withoutHash(ours.manifest)
  if (Number(version) >= 6.1) expect(actual).toBe(expected)
  else expect(JSON.parse(actual)).toEqual(JSON.parse(expected))
}

function asWithOurHashes(django: Collected, ours: Collected, names: readonly string[]): string {
  if (names.length === 0) return django.manifest
  const entry = (side: Collected, name: string) =>
    JSON.stringify({ [name]: side.files[name]?.hashed })
      .slice(1, -1)
      .replace('":"', '": "')
  return names.reduce(
    (manifest, name) => manifest.replace(entry(django, name), () => entry(ours, name)),
    withoutHash(django.manifest),
  )
}

function withoutHash(manifest: string): string {
  return manifest.replace(/"hash": "[0-9a-f]{12}"/, '"hash": ""')
}

describe('made-up files, as Django was recorded', () => {
  let fixture: ParityFixture
  beforeAll(() => {
    fixture = makeParityFixture()
    temporary.push(fixture.root)
  })

  describe.each(SCRIPTS)('with js: %s', scripts => {
    let root: string
    beforeAll(async () => {
      root = await collect(fixtureLocations(fixture), scripts)
    })

    test.each(recordedVersions())(
      'are the same as those of Django %s, but for what docs/parity.md lists',
      version => {
        const django = recorded(version, scripts)
        expect(disagreementsOf('Made-up files', version, scripts, django, root)).toEqual([])
        expectSameFiles(version, django, readCollected(root))
      },
    )

    test('a changed byte is noticed', () => {
      const name = 'tricky/css/fonts.css'
      const [version = ''] = recordedVersions()
      const django = recorded(version, scripts)
      const file = django.files[name]!
      const changed = { ...django.files, [name]: { ...file, text: `${file.text} `, sha256: '' } }
      expect(disagreementsOf('Made-up files', version, scripts, { ...django, files: changed }, root)).toEqual(
        [expect.stringContaining(`not listed: ${name}`)],
      )
    })

    test('a listed difference that vanished is noticed', () => {
      const [version = ''] = recordedVersions()
      const ours = readCollected(root)
      const notes = disagreementsOf('Made-up files', version, scripts, ours, root)
      expect(notes).toContainEqual(expect.stringMatching(/^listed, but the same as Django's/))
    })
  })
})

function recordedVersions(): string[] {
  const versions = readdirSync(RECORDED).map(file => file.split('-')[0]!)
  return [...new Set(versions)].sort()
}

function recorded(version: string, scripts: Scripts): Collected {
  return JSON.parse(readFileSync(path.join(RECORDED, `${version}-${scripts}.json`), 'utf8'))
}

describeEachDjango('made-up files', django => {
  test.each(SCRIPTS)('are what was recorded, with js: %s', async scripts => {
    const fixture = makeParityFixture()
    temporary.push(fixture.root)
    const { apps, django: release, ...live } = await collectWithDjango(django, fixture.django, scripts)
    expect(apps).toHaveLength(2)
    expect(release).toMatch(django.version)
    expect(live).toEqual(recorded(django.version, scripts))
  })
})

describeEachDjango('real packages', django => {
  // With modules, everything else is rewritten too; without them, the versions of Django differ in nothing more.
  test.each(django.version === NEWEST ? SCRIPTS : (['modules'] as const))(
    'are the same, but for what docs/parity.md lists, with js: %s',
    async scripts => {
      const answer = await collectPackagesWithDjango(django, PACKAGES, scripts)
      const root = await collect({ apps: answer.apps }, scripts)
      expect(disagreementsOf('Real packages', django.version, scripts, answer, root)).toEqual([])
      expectSameFiles(django.version, answer, readCollected(root))
    },
    300_000,
  )
})

const failures = listedDifferences('Django fails')

describe('files that Django fails on', () => {
  test('are all listed in docs/parity.md', () => {
    expect(readdirSync(FAILURES).sort()).toEqual(failures.map(({ pattern }) => pattern).sort())
  })

  test.each(failures)('$pattern is collected', async ({ pattern: app, scripts }) => {
    const root = await collect(
      { apps: [path.join(FAILURES, app)] },
      scripts === 'modules' ? scripts : 'source-maps',
    )
    expect(existsSync(path.join(root, 'staticfiles.json'))).toBe(true)
  })
})

describeEachDjango('files that Django fails on', django => {
  test.concurrent.each(failures)('$pattern is refused, as docs/parity.md says', async listed => {
    const scripts = listed.scripts === 'modules' ? listed.scripts : 'source-maps'
    const refused = appliesTo(listed, django.version, scripts)
    expect(await isRefused(django, listed.pattern, scripts)).toBe(refused)
  })
})

async function isRefused(django: LiveDjango, app: string, scripts: Scripts): Promise<boolean> {
  try {
    await collectWithDjango(django, { apps: [app], path: [FAILURES] }, scripts)
    return false
  } catch (error) {
    expect((error as Error).message).toMatch(/Post-processing '.+' failed!/)
    return true
  }
}
