import { describe, expect, test } from 'vitest'
import { hashedName, splitExtension, unhashedName } from '../../src/base/names.ts'
import recorded from '../fixtures/finders.json' with { type: 'json' }

const HASH = '5eb63bbbe01eeed093cb22bb8f5acdc3'

describe('the extension is what os.path.splitext says', () => {
  test.each(recorded.splitext as [string, string, string][])('%j', (name, stem, extension) => {
    expect(splitExtension(name)).toEqual({ stem, extension })
  })
})

describe('twelve digits of the hash come before the extension', () => {
  test.each([
    ['polls/style.css', 'polls/style.5eb63bbbe01e.css'],
    ['a.tar.gz', 'a.tar.5eb63bbbe01e.gz'],
    ['x.min.js', 'x.min.5eb63bbbe01e.js'],
    ['LICENSE', 'LICENSE.5eb63bbbe01e'],
    ['v1.2/LICENSE', 'v1.2/LICENSE.5eb63bbbe01e'],
    ['.htaccess', '.htaccess.5eb63bbbe01e'],
    ['dot.', 'dot.5eb63bbbe01e.'],
    ['caf\u00e9.css', 'caf\u00e9.5eb63bbbe01e.css'],
    ['cafe\u0301.css', 'cafe\u0301.5eb63bbbe01e.css'],
  ])('%s → %s', (name, hashed) => {
    expect(hashedName(name, HASH)).toBe(hashed)
  })
})

describe('a hash is taken out again', () => {
  test.each([
    ['polls/app.5eb63bbbe01e.js', 'polls/app.js'],
    ['polls/app.5eb63bbbe01e.js.map', 'polls/app.js.map'],
    ['dot.5eb63bbbe01e.', 'dot.'],
    ['a.5eb63bbbe01e.5eb63bbbe01e.js', 'a.5eb63bbbe01e.js'],
  ])('%s → %s', (hashed, name) => {
    expect(unhashedName(hashed)).toBe(name)
  })

  test.each([
    'polls/app.js',
    'a.5EB63BBBE01E.js',
    'a.5eb63bbbe01.js',
    'a.5eb63bbbe01e0.js',
    'a.5eb63bbbe01e.js/b.js',
    'a-5eb63bbbe01e.js',
  ])('%s stays', name => {
    expect(unhashedName(name)).toBe(name)
  })
})
