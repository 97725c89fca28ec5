import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isTemporary } from '../../src/plugin/dev/reload/watched.ts'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/processes.ts'
import { addTo, tree } from '../support/tree.ts'
import { untilWatched } from '../support/watches.ts'

const FILES = {
  'templates/base.html': '<html>',
  'polls/templates/polls/detail.html': '<html>',
  'polls/views.py': 'x = 1',
  'notes.md': 'notes',
  'static/css/page.css': '@import "part.css";',
  'static/css/part.css': '@import "/static/css/inner.css";',
  'static/css/inner.css': 'a { color: red }',
  'static/css/other.css': 'a { color: red }',
  'static/img/logo.svg': '<svg/>',
  'static/img/unseen.svg': '<svg/>',
  'static/polls/wins.txt': 'project',
  'polls/static/polls/wins.txt': 'app',
  'polls/static/polls/data.json': '{}',
  'polls/static/polls/app.ts': 'import "./app.css"; import url from "./used.svg"; console.log(url)',
  'polls/static/polls/app.css': 'a { color: red }',
  'polls/static/polls/used.svg': '<svg/>',
}
const RELOAD = { type: 'full-reload', path: '*' }

function css(...names: string[]) {
  return { urls: names.map(name => `/static/${name}`) }
}

describe.each(Object.keys(devVites))('with %s', version => {
  async function start(options: Options = {}, outside: Record<string, string> = {}) {
    const root = await tree({ 'outside/empty.txt': '', ...outside })
    const site = path.join(root, 'site')
    await addTo(site, FILES)
    const dev = await startDevServer(
      site,
      {
        dirs: ['static'],
        apps: ['polls', 'later'],
        ...(options.apps ? {} : { entries: ['polls/app.ts'] }),
        ...options,
      },
      { version },
    )
    const sent: unknown[] = []
    const { hot } = dev.server.environments.client
    const send = hot.send.bind(hot) as (...args: unknown[]) => void
    hot.send = ((...args: unknown[]) => {
      const [message, data] = args
      sent.push(message === 'staticfiles:css' ? data : message)
      send(...args)
    }) as typeof hot.send
    for (const file of Object.keys(FILES)) await untilWatched(path.join(site, file))
    const ask = (...names: string[]) =>
      Promise.all(
        names.map(async name => {
          const accept = name.endsWith('.ts') ? 'script' : 'style'
          const response = await fetch(`${dev.origin}/static/${name}`, {
            headers: { 'sec-fetch-dest': accept },
          })
          await response.text()
        }),
      )
    const edit = (file: string, text = `changed ${Math.random()}`) => writeFile(path.join(site, file), text)
    /** What pages are told, until nothing has come for as long as a burst may last. */
    const told = async (count: number) => {
      await eventually(() => expect(sent.length).toBeGreaterThanOrEqual(count))
      await new Promise(resolve => setTimeout(resolve, 600))
      return sent.splice(0)
    }
    return { ...dev, site, root, ask, edit, told }
  }

  test('a template reloads pages once, however often it is written', async () => {
    const { site, edit, told } = await start()
    await edit('polls/templates/polls/detail.html')
    expect(await told(1)).toEqual([RELOAD])
    for (let i = 0; i < 20; i++) await edit('templates/base.html')
    await writeFile(path.join(site, 'templates/base.html~'), 'backup')
    await writeFile(path.join(site, 'templates/.base.html.swp'), 'swap')
    await edit('templates/new.txt')
    await rename(path.join(site, 'templates/new.txt'), path.join(site, 'templates/base.html'))
    expect(await told(1)).toEqual([RELOAD])
  })

  test('what no page has asked for, temporary files and files of no interest change nothing', async () => {
    const { site, edit, told, ask } = await start()
    await ask('polls/wins.txt')
    await edit('static/img/unseen.svg')
    await edit('static/css/other.css')
    await edit('templates/#base.html#')
    await edit('notes.md')
    // Another file of the name wins.
    await edit('polls/static/polls/wins.txt')
    await mkdir(path.join(site, 'polls/__pycache__'))
    await edit('polls/__pycache__/views.cpython-313.pyc')
    expect(await told(0)).toEqual([])
  })

  test('a linked stylesheet is swapped, also for what it imports', async () => {
    const { edit, told, ask } = await start()
    await ask('css/page.css', 'css/other.css')
    await edit('static/css/page.css', '@import "part.css"; b { color: red }')
    expect(await told(1)).toEqual([css('css/page.css')])
    await edit('static/css/inner.css')
    expect(await told(1)).toEqual([css('css/page.css')])
    await edit('static/css/inner.css')
    await edit('static/css/other.css')
    // In one message or, on a busy machine, two.
    const urls = new Set<string>()
    await eventually(async () => {
      for (const message of (await told(1)) as { urls: string[] }[])
        for (const url of message.urls) urls.add(url)
      expect([...urls].sort()).toEqual(css('css/other.css', 'css/page.css').urls)
    })
  })

  test('other files reload: changed, removed, added, or uncovered', async () => {
    const { site, edit, told, ask } = await start()
    await ask('img/logo.svg', 'polls/wins.txt', 'polls/data.json', 'img/absent.png')
    await edit('static/img/logo.svg')
    expect(await told(1)).toEqual([RELOAD])
    await rm(path.join(site, 'static/polls/wins.txt'))
    expect(await told(1)).toEqual([RELOAD])
    await edit('polls/static/polls/wins.txt')
    expect(await told(1)).toEqual([RELOAD])
    await edit('static/polls/data.json')
    expect(await told(1)).toEqual([RELOAD])
    await edit('polls/static/polls/data.json')
    await edit('static/img/absent.png')
    expect(await told(1)).toEqual([RELOAD])
  })

  test("modules are left to Vite's own updates", async () => {
    const { edit, told, ask, server } = await start()
    await ask('polls/app.ts', 'polls/used.svg')
    await server.environments.client.transformRequest('/polls/static/polls/used.svg?import')
    await edit('polls/static/polls/used.svg')
    expect(await told(1)).toHaveLength(1)
  })

  test('an app that gets a folder of static files is served at once', async () => {
    const { site, origin } = await start()
    const get = async () => (await fetch(`${origin}/static/later/new.txt`)).status
    expect(await get()).toBe(404)
    await addTo(site, { 'later/static/later/new.txt': 'new' })
    await eventually(async () => expect(await get()).toBe(200))
    await rm(path.join(site, 'later'), { recursive: true })
    await eventually(async () => expect(await get()).toBe(404))
  })

  test('folders outside of the root are watched', async () => {
    const { root, told, ask } = await start(
      { dirs: ['static', '../outside'], templates: ['../pages'] },
      { 'pages/page.html': '', 'outside/far.txt': 'far' },
    )
    await ask('far.txt')
    await eventually(async () => {
      await writeFile(path.join(root, 'outside/far.txt'), `${Math.random()}`)
      expect(await told(1)).toEqual([RELOAD])
    })
    await writeFile(path.join(root, 'pages/page.html'), 'changed')
    expect(await told(1)).toEqual([RELOAD])
  })

  test('Python reloads once Django is back', async () => {
    const port = await freePort()
    let django = await listen(port)
    const { edit, told } = await start({ proxy: `http://127.0.0.1:${port}` })
    await edit('polls/views.py')
    await new Promise(resolve => setTimeout(resolve, 300))
    await close(django)
    expect(await told(0)).toEqual([])
    // A second change while it is away makes no second reload.
    await edit('polls/views.py')
    expect(await told(0)).toEqual([])
    django = await listen(port)
    expect(await told(1)).toEqual([RELOAD])
  })

  test('a file that is a module and is asked for by its name too reloads once', async () => {
    const { edit, told, ask, server } = await start()
    await edit(
      'polls/static/polls/app.ts',
      'import url from "./used.svg"; console.log(url); import.meta.hot?.accept("./used.svg", () => {})',
    )
    await told(0)
    await ask('polls/app.ts', 'polls/used.svg')
    await server.environments.client.transformRequest('/polls/static/polls/used.svg?import')
    await edit('polls/static/polls/used.svg')
    expect((await told(1)).filter(each => (each as { type: string }).type === 'full-reload')).toEqual([
      RELOAD,
    ])
  })

  test('what changes while Django reads a template makes no second reload', async () => {
    const { edit, told, ask } = await start()
    await ask('img/logo.svg')
    await edit('templates/base.html')
    await new Promise(resolve => setTimeout(resolve, 1000))
    await edit('static/img/logo.svg')
    expect(await told(1)).toEqual([RELOAD])
  })

  test('folders outside of the root are seen when they appear, and when they come again', async () => {
    const { root, told, ask, origin } = await start(
      { dirs: ['static', '../data'], apps: ['../shared/polls'] },
      {
        'data/far.txt': '1',
        'shared/polls/views.py': '',
      },
    )
    const text = async (name: string) => (await fetch(`${origin}/static/${name}`)).text()
    await ask('far.txt')
    await addTo(root, { 'shared/polls/static/late.txt': 'late' })
    await eventually(async () => expect(await text('late.txt')).toBe('late'))
    // Whether it is asked for before it is there is left to chance.
    await told(0)
    await rm(path.join(root, 'data'), { recursive: true })
    expect(await told(1)).toEqual([RELOAD])
    await addTo(root, { 'data/far.txt': '2' })
    expect(await told(1)).toEqual([RELOAD])
    await writeFile(path.join(root, 'data/far.txt'), '3')
    expect(await told(1)).toEqual([RELOAD])
  })

  test('what reloads is an option', async () => {
    const globs = await start({ reload: ['*.md'] })
    await globs.edit('notes.md')
    expect(await globs.told(1)).toEqual([RELOAD])
    await globs.edit('polls/views.py')
    expect(await globs.told(0)).toEqual([])
    const off = await start({ reload: false })
    await off.ask('img/logo.svg', 'css/page.css')
    await off.edit('templates/base.html')
    await off.edit('static/img/logo.svg')
    await off.edit('static/css/page.css')
    expect(await off.told(1)).toEqual([css('css/page.css')])
  })
})

test.each([
  ['base.html~', true],
  ['.#base.html', true],
  ['#base.html#', true],
  ['.base.html.swp', true],
  ['4913', true],
  ['base.html.tmp', true],
  ['base.html.tmp.1234.5678', true],
  ['base.html___jb_tmp___', true],
  ['.goutputstream-ABC', true],
  ['.DS_Store', true],
  ['__pycache__/views.txt', true],
  ['views.cpython-313.pyc', true],
  ['base.html', false],
  ['tmp.html', false],
  ['4913.html', false],
  ['views.py', false],
  ['swp', false],
])('%s is temporary: %s', (file, expected) => {
  expect(isTemporary(path.join('/site/templates', file))).toBe(expected)
})

async function listen(port: number): Promise<Server> {
  const server = createServer(socket => socket.end())
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return server
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => server.close(() => resolve()))
}
