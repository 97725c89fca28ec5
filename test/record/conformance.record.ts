import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FACTS } from '../server/conformance/facts.ts'
import { measure } from '../server/conformance/measure.ts'
import { SERVERS, titleOf } from '../server/conformance/servers.ts'
import { buildSite } from '../server/conformance/site.ts'
import { keyOf, record, tables } from '../server/conformance/table.ts'

test('what each server does', async () => {
  const site = await buildSite()
  const columns = new Map<string, Map<string, boolean>>()
  try {
    for (const server of SERVERS) {
      expect(await server.absence?.(), server.name).toBeUndefined()
      const { origin, stop } = await server.start(site)
      const column = new Map<string, boolean>()
      for (const group of FACTS) {
        for (const fact of group.facts) {
          column.set(keyOf(group, fact.states), (await measure(fact, origin, site)).passes)
        }
      }
      await stop()
      columns.set(titleOf(server), column)
    }
  } finally {
    rmSync(site.project, { recursive: true, force: true })
  }
  record(tables(FACTS, columns))
})
