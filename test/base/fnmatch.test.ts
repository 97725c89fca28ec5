import { describe, expect, test } from 'vitest'
import { fnmatchRegExp } from '../../src/base/python/fnmatch.ts'
import { createIgnore } from '../../src/finders/ignore.ts'
import recorded from '../fixtures/finders.json' with { type: 'json' }

describe('a pattern matches what fnmatch.fnmatchcase matches', () => {
  test.each(recorded.fnmatch.fixed as [string, string[]][])('%j', (pattern, expected) => {
    expect(recorded.fnmatch.texts.filter(text => matches(pattern, text))).toEqual(expected)
  })

  test.each(recorded.fnmatch.sets as [string, string[]][])('%j', (pattern, expected) => {
    expect(recorded.fnmatch.characters.filter(text => matches(pattern, text))).toEqual(expected)
  })
})

test('many stars in a row are as fast as one', () => {
  const started = performance.now()
  expect(matches('****b', 'a'.repeat(500))).toBe(false)
  expect(performance.now() - started).toBeLessThan(1000)
})

describe('ignoring keeps what django.contrib.staticfiles.utils.get_files keeps', () => {
  test.each(recorded.ignored.kept as [string, string[]][])('%j', (pattern, expected) => {
    const { ignores } = createIgnore([pattern])
    expect(recorded.ignored.tree.filter(file => !ignores(file)).sort()).toEqual(expected)
  })

  test('a folder by its name alone, with all below it', () => {
    const { ignoresFolder } = createIgnore(['CVS', 'd/*'])
    expect(['CVS', 'a/CVS', 'CVS/a', 'd', 'd/e', 'cvs'].filter(ignoresFolder)).toEqual([
      'CVS',
      'a/CVS',
      'CVS/a',
    ])
  })
})

function matches(pattern: string, text: string): boolean {
  return fnmatchRegExp(pattern).test(text)
}
