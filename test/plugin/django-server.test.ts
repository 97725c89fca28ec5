import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { tree } from '../support/tree.ts'
import { untilWatched } from '../support/watches.ts'

/** Edits a template while Django runs under a server, and returns what the terminal says when pages have reloaded. */
async function outputAfterEdit(server: string): Promise<string> {
  const django = createServer((_req, res) => res.setHeader('Server', server).end())
  await new Promise<void>(resolve => django.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    django.closeAllConnections()
    django.close()
  })
  const root = await tree({ 'templates/base.html': '<html>' })
  const proxy = `http://127.0.0.1:${(django.address() as AddressInfo).port}`
  const { output } = await startDevServer(root, { proxy })
  const template = path.join(root, 'templates/base.html')
  await untilWatched(template)
  await writeFile(template, '<html lang="en">')
  await eventually(() => expect(output.join('\n')).toContain('page reload'))
  return output.join('\n')
}

test.each(['uvicorn', 'gunicorn', 'hypercorn-h11'])(
  '%s keeps parsed templates, and the terminal says so',
  async server => {
    const output = await outputAfterEdit(server)
    expect(output).toContain(`Django runs under ${server.replace('-h11', '')}, which keeps parsed templates`)
    expect(output).toContain('TEMPLATES[0]["OPTIONS"]["loaders"]')
  },
)

test.each(['WSGIServer/0.2 CPython/3.13.5', 'daphne'])(
  '%s is runserver, which needs no word',
  async server => {
    expect(await outputAfterEdit(server)).not.toContain('keeps parsed templates')
  },
)
