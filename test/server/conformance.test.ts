import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningServer } from '../support/web-servers.ts'
import { FACTS } from './conformance/facts.ts'
import { measure } from './conformance/measure.ts'
import { SERVERS, type ServerUnderTest, titleOf } from './conformance/servers.ts'
import { type BuiltSite, buildSite } from './conformance/site.ts'
import { documented, keyOf } from './conformance/table.ts'

const ROWS = FACTS.flatMap(group =>
  group.facts.map(each => ({ title: group.title, key: keyOf(group, each.states), fact: each })),
)

let site: BuiltSite
beforeAll(async () => {
  site = await buildSite()
})
afterAll(() => rmSync(site.project, { recursive: true, force: true }))

test('no two facts state the same', () => {
  expect(new Set(ROWS.map(({ key }) => key)).size).toBe(ROWS.length)
})

test('docs/serving.md has the facts, and no others', () => {
  for (const { name } of SERVERS)
    expect([...documented(name).column.keys()], name).toEqual(ROWS.map(({ key }) => key))
})

// What others lack is their affair; here it would be a fault.
test.each(['Node', 'Express'])('%s has every fact', name => {
  expect([...documented(name).column].filter(([, passes]) => !passes).map(([states]) => states)).toEqual([])
})

for (const server of SERVERS) {
  const reason = await server.absence?.()
  if (reason === undefined) describe(server.name, () => declareFacts(server))
  else if (process.env.CI) test(server.name, () => expect.fail(reason))
  else test.skip(`${server.name}: ${reason}`)
}

function declareFacts(server: ServerUnderTest): void {
  const { title, column } = documented(server.name)
  const sameVersion = title === titleOf(server)
  let running: RunningServer
  beforeAll(async () => {
    running = await server.start(site)
  })
  afterAll(() => running?.stop())

  test.each(ROWS)('$title: $fact.states', async ({ key, fact }) => {
    const { passes, found } = await measure(fact, running.origin, site)
    const expected = column.get(key)
    // Another version than the page's may have lost faults, but not merits.
    expect({ passes, found }).toEqual({ passes: sameVersion ? expected : passes || expected, found })
  })
}
