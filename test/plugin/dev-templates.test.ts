import { rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { project } from '../support/project.ts'
import { untilWatched } from '../support/watches.ts'

const TEMPLATE = `{% load static %}<script type="module" src="{% static 'web/card.ts' %}"></script>`

describe.each(Object.keys(devVites))('with %s', version => {
  async function start() {
    const root = await project({
      'static/web/card.ts': 'export const card: number = 1',
      'static/web/other.ts': 'export const other: number = 1',
      'templates/card.html': TEMPLATE,
    })
    const { origin, server } = await startDevServer(
      root,
      { dirs: ['static'], entries: 'templates' },
      { version },
    )
    const template = path.join(root, 'templates/card.html')
    await untilWatched(template)
    const body = async (name: string) => (await fetch(`${origin}/static/${name}`)).text()
    return { template, server, body }
  }

  test.each([5, 15, 30])(
    'a template that is emptied %i ms before it is written keeps its entries',
    async pause => {
      const { template, body } = await start()
      for (const text of [`${TEMPLATE} <!-- edited -->`, `${TEMPLATE} <!-- edited once more -->`]) {
        await writeFile(template, '')
        await sleep(pause)
        await writeFile(template, text)
        for (let look = 0; look < 12; look++) {
          expect(await body('web/card.ts')).toContain('export *')
          await sleep(50)
        }
      }
    },
  )

  test('a template that is moved into place keeps its entries', async () => {
    const { template, body } = await start()
    await writeFile(`${template}.tmp`, TEMPLATE)
    await rm(template)
    await sleep(20)
    await rename(`${template}.tmp`, template)
    for (let look = 0; look < 12; look++) {
      expect(await body('web/card.ts')).toContain('export *')
      await sleep(50)
    }
  })

  test('a template that names another entry, or stays empty, has its say', async () => {
    const { template, body } = await start()
    await writeFile(template, TEMPLATE.replace('card', 'other'))
    await eventually(async () => expect(await body('web/other.ts')).toContain('export *'))
    expect(await body('web/card.ts')).not.toContain('export *')
    await writeFile(template, '')
    await eventually(async () => expect(await body('web/other.ts')).not.toContain('export *'))
  })
})
