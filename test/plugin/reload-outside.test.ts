import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { addTo, tree } from '../support/tree.ts'
import { untilWatched } from '../support/watches.ts'

const FILES = {
  'frontend/static/a.css': '',
  'backend/manage.py': '',
  'backend/config/settings.py': '',
  'backend/polls/views.py': '',
  'backend/polls/templates/polls/detail.html': '',
  'backend/locale/de.po': '',
}

describe.each(Object.keys(devVites))('with %s', version => {
  /** Vite's root is `frontend/`, beside `backend/`. */
  async function start(options: Options, files: Record<string, string> = FILES) {
    const root = await tree({})
    await addTo(root, files)
    const { server, output } = await startDevServer(
      path.join(root, 'frontend'),
      { dirs: ['static'], ...options },
      { version },
    )
    const reloads: unknown[] = []
    const { hot } = server.environments.client
    hot.send = ((message: { type?: string }) => {
      if (message.type === 'full-reload') reloads.push(message)
    }) as typeof hot.send
    const reloadsFor = async (file: string) => {
      const full = path.join(root, file)
      await untilWatched(full)
      await writeFile(full, `changed ${Math.random()}`)
      await eventually(() => expect(reloads).not.toEqual([]))
      reloads.length = 0
    }
    return { reloadsFor, output }
  }

  test('Python and templates beside the root of Vite reload pages', async () => {
    const { reloadsFor } = await start({ apps: ['../backend/polls'] })
    await reloadsFor('backend/polls/views.py')
    await reloadsFor('backend/polls/templates/polls/detail.html')
    // Not in an app, but in the folder of manage.py.
    await reloadsFor('backend/config/settings.py')
  })

  test('an app without a manage.py counts too, and the globs of `reload` may leave the root', async () => {
    const { 'backend/manage.py': _, ...files } = FILES
    const first = await start({ apps: ['../backend/polls'] }, files)
    await first.reloadsFor('backend/polls/views.py')
    const { reloadsFor } = await start(
      { reload: ['../backend/**/*.po', './notes.md'] },
      {
        ...files,
        'frontend/notes.md': '',
      },
    )
    await reloadsFor('backend/locale/de.po')
    await reloadsFor('frontend/notes.md')
  })

  test('the globs of `reload` start at the folder of manage.py too, also above the root of Vite', async () => {
    const { reloadsFor } = await start(
      { reload: ['locale/*.po'] },
      { 'manage.py': '', 'locale/de.po': '', 'frontend/static/a.css': '' },
    )
    await reloadsFor('locale/de.po')
  })

  test('a glob that can never match is told', async () => {
    const { output } = await start({ reload: ['**/*.py', '../nowhere/**/*.py', 'none/one.txt'] })
    const told = output.filter(line => line.includes('matches no file'))
    expect(told).toHaveLength(2)
    expect(told[0]).toContain("'../nowhere/**/*.py'")
    expect(told[1]).toContain("'none/one.txt'")
  })
})
