import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { collectWithDjango } from '../support/django-collect.ts'
import { describeEachDjango, isLive } from '../support/live-django.ts'
import { makeParityFixture } from '../support/parity-fixture.ts'

const PARITY = path.join(import.meta.dirname, '../fixtures/parity-django')

describeEachDjango('parity', django => {
  test.each(['source-maps', 'modules'] as const)('with js: %s', async scripts => {
    const fixture = makeParityFixture()
    const { apps, django: release, ...answer } = await collectWithDjango(django, fixture.django, scripts)
    const file = path.join(PARITY, `${django.version}-${scripts}.json`)
    mkdirSync(PARITY, { recursive: true })
    writeFileSync(file, `${JSON.stringify(answer, null, 1)}\n`)
    rmSync(fixture.root, { recursive: true })
  })
})

const scripts = readdirSync(import.meta.dirname).filter(file => file.endsWith('.py'))

test.each(scripts)('%s with the newest Django', script => {
  const newest = inject('django').at(-1)
  if (!newest || !isLive(newest)) return expect.fail(newest?.reason)
  execFileSync(newest.python, ['-X', 'utf8', '-B', path.join(import.meta.dirname, script)], {
    stdio: 'inherit',
  })
})
