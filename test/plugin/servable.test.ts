import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { FileSystemFinder } from '../../src/finders/finders.ts'
import { createIgnore } from '../../src/finders/ignore.ts'
import { type FileAccess, isName, servableSource } from '../../src/plugin/dev/files/servable.ts'
import { symlink, tree } from '../support/tree.ts'

const FILES = {
  'static/img/logo.svg': 'logo',
  'static/.env': 'SECRET=1',
  'static/drafts/a.txt': 'draft',
  'static/inside.svg': symlink('img/logo.svg'),
  'static/shared.svg': symlink('../shared/shared.svg'),
  'static/secret.txt': symlink('../static-secret/secret.txt'),
  'static/folder': symlink('../static-secret'),
  'static/key.pem': symlink('../shared/key.pem'),
  'static-secret/secret.txt': 'secret',
  'shared/shared.svg': 'shared',
  'shared/key.pem': 'key',
}

describe('a name is served', () => {
  test('from the location that has it', async () => {
    const { serve, root } = await project()
    expect(serve('img/logo.svg')).toEqual({ source: path.join(root, 'static/img/logo.svg') })
    expect(serve('inside.svg')).toEqual({ source: path.join(root, 'static/inside.svg') })
  })

  test('through a link to where Vite allows it, unless Vite denies the file', async () => {
    const { serve, root } = await project()
    const access = { allow: [path.join(root, 'shared')], deny: ['*.pem'] }
    expect(serve('shared.svg', access)).toEqual({ source: path.join(root, 'static/shared.svg') })
    expect(serve('key.pem', access)).toEqual({ refusal: 'outside' })
    expect(serve('key.pem', { strict: false })).toHaveProperty('source')
  })

  test('through a link into another location', async () => {
    const { serve } = await project(['static', 'shared'])
    expect(serve('shared.svg')).toHaveProperty('source')
    expect(serve('secret.txt')).toEqual({ refusal: 'outside' })
  })
})

describe('a name is refused', () => {
  test('where a link leads out of the locations', async () => {
    const { serve } = await project()
    for (const name of ['secret.txt', 'folder/secret.txt', 'shared.svg'])
      expect(serve(name), name).toEqual({ refusal: 'outside' })
  })

  test('where a build would not collect the file', async () => {
    const { serve } = await project()
    expect(serve('.env')).toEqual({ refusal: 'ignored' })
    expect(serve('drafts/a.txt')).toEqual({ refusal: 'ignored' })
  })

  test.each([
    'nothing.svg',
    'img',
    '../static-secret/secret.txt',
    'img/../img/logo.svg',
    './img/logo.svg',
    'img//logo.svg',
    '/img/logo.svg',
    'img/logo.svg/',
    'img\\logo.svg',
    '..\\static-secret\\secret.txt',
    'img/logo.svg\0.png',
    '%2e%2e/static-secret/secret.txt',
  ])('as missing: %j', async name => {
    const { serve } = await project()
    expect(serve(name)).toEqual({ refusal: 'missing' })
  })
})

test.each(['nul', 'aux.css', 'img/COM1.png', 'LPT9', 'a.txt::$DATA', 'a.txt.', 'a.txt ', 'C:/a.txt'])(
  '%j is a name, but not on Windows',
  name => {
    expect(isName(name, 'linux')).toBe(true)
    expect(isName(name, 'win32')).toBe(false)
  },
)

test.each(['auxiliary.css', 'console.js', 'a.con'])('%j is a name on Windows too', name => {
  expect(isName(name, 'win32')).toBe(true)
})

async function project(dirs = ['static']) {
  const root = await tree(FILES)
  const places = { finders: [new FileSystemFinder(dirs, root)], ignore: createIgnore(['.*', 'drafts']) }
  const serve = (name: string, access: FileAccess = { allow: [], deny: [] }) =>
    servableSource(name, { ...places, access })
  return { root, serve }
}
