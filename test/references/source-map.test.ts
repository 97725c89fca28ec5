import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { urlText } from '../../src/references/form.ts'
import { sourceMapFile } from '../../src/references/source-map.ts'

describe('the file of a source map', () => {
  it.each([
    ['first', '{"file":"x.js","version":3}', 'x.js'],
    ['last', '{"version":3,"mappings":"AAAA;\\"file\\":\\\\","file":"x.js"}', 'x.js'],
    ['with blanks', '\n{ "version" : 3 ,\r\n\t"file" : "x.js" }\n', 'x.js'],
    ['behind nested members of that name', '{"a":{"file":"no"},"b":[{"file":["no"]}],"file":"x.js"}', 'x.js'],
    [
      'behind its text in strings',
      '{"sources":["\\"file\\":\\"no\\"","{"],"names":[],"file":"x.js"}',
      'x.js',
    ],
    ['behind scalars', '{"a":null,"b":true,"c":-1.5e+3,"d":"","file":"x.js"}', 'x.js'],
    ['of an index map', '{"version":3,"sections":[{"map":{"file":"no"}}],"file":"x.js"}', 'x.js'],
    ["behind )]}'", ')]}\'\n{"file":"x.js"}', 'x.js'],
    ["behind )]}' with more on its line", ')]}\' {\r\n{"file":"x.js"}', 'x.js'],
    ['behind a byte order mark', '\uFEFF{"file":"x.js"}', 'x.js'],
    ['with escapes', '{"\\u0066ile":"\\u0061\\/\\"😀.js"}', 'a/"😀.js'],
    ['empty', '{"file":""}', ''],
  ])('is found %s', (_where, text, url) => {
    const reference = sourceMapFile(text)!
    expect(reference).toMatchObject({ kind: 'url', url })
    expect(JSON.parse(text.slice(reference.start, reference.end))).toBe(url)
  })

  it.each([
    ['in a map without one', '{"version":3}'],
    ['in an empty map', '{}'],
    ['that is no string', '{"file":null}'],
    ['that only a nested object has', '{"sections":[{"map":{"file":"x.js"}}]}'],
    ['that only a string has', '{"mappings":"\\"file\\":\\"x.js\\""}'],
    ['that is a value', '{"name":"file","a":"x.js"}'],
    ['in an array', '[{"file":"x.js"}]'],
    ['in nothing', ''],
    ['in a string', '"file"'],
    ['in a truncated map', '{"file":"x.js","mappings":"AAAA'],
    ['in a truncated string', '{"mappings":"AAAA}'],
    ['behind a missing comma', '{"version":3 "file":"x.js"}'],
    ['behind a missing colon', '{"file" "x.js"}'],
    ['behind a comma too many', '{,"file":"x.js"}'],
    ['behind a value that is not JSON', '{"version":undefined,"file":"x.js"}'],
    ['behind brackets that do not match', '{"sources":[},"file":"x.js"}'],
    ['behind brackets that do not end', '{"sources":["file":"x.js"}'],
    ['with a bad escape', '{"file":"\\x"}'],
    ['in JavaScript', '({"file":"x.js"})}'],
  ])('is not found %s', (_where, text) => {
    expect(sourceMapFile(text)).toBeUndefined()
  })

  it('is written as JSON, and every other byte is kept', () => {
    const text = '{ "version": 3, "file" : "x.js" , "mappings": "" }\n'
    const reference = sourceMapFile(text)!
    const { start, end } = reference
    const changed = text.slice(0, start) + urlText(reference, 'x"\n.js') + text.slice(end)
    expect(changed).toBe('{ "version": 3, "file" : "x\\"\\n.js" , "mappings": "" }\n')
  })

  it('is what JSON.parse says of any object', () => {
    const object = fc.dictionary(fc.oneof(fc.string(), fc.constant('file')), fc.jsonValue(), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const expected = typeof value.file === 'string' ? value.file : undefined
        expect(sourceMapFile(JSON.stringify(value, undefined, indent))?.url).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})
