import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import zlib from 'node:zlib'
import { build } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { checkFolders } from '../../src/options/checks.ts'
import type { Options } from '../../src/options/options.ts'
import { validate } from '../../src/options/validate.ts'
import { resolveIn } from '../support/resolve-in.ts'
import { symlink, type Tree, tree } from '../support/tree.ts'

/** What the plugin loads, too. */
const fastGlob: typeof import('fast-glob') = createRequire(import.meta.url)('fast-glob')

const FILES: Tree = { 'static/a.css': '', 'polls/static/polls/b.css': '', 'plain/models.py': '', file: '' }

describe('a list of the wrong shape (E001)', () => {
  test.each<[options: object, message: string]>([
    [
      { dirs: 'static' },
      "`dirs` must be a list of folders or [prefix, folder]: ['static', ['img', 'images']]",
    ],
    [{ dirs: [['prefix']] }, '`dirs` must be a list of folders'],
    [{ dirs: [undefined] }, '`dirs` must be a list of folders'],
    [{ dirs: { img: 'images' } }, '`dirs` must be a list of folders'],
    [{ apps: 'polls' }, "`apps` must be a list of folders: ['polls']"],
    [{ apps: [1] }, '`apps` must be a list of folders'],
    [{ finders: {} }, '`finders` must be a list of objects with `locations`, `find` and `list`'],
    [{ finders: [null] }, '`finders` must be a list of objects'],
    [{ finders: [{ locations: [], find: () => [] }] }, '`finders` must be a list of objects'],
    [{ entries: 'app.ts' }, "`entries` must be a list of names: ['polls/app.ts']"],
    [{ ignore: '*.map' }, "`ignore` must be a list of patterns: ['*.map']"],
  ])('%j', (options, message) => {
    expect(() => resolveIn('/', options)).toThrow(`the configuration cannot be used\n  ${message}`)
  })

  test('is reported with the others, and with the URL', () => {
    expect(() => resolveIn('/', { dirs: 'static', ignore: 'x', staticUrl: 'static' } as object)).toThrow(
      /^staticfiles: [^\n]*\n {2}`staticUrl` is 'static', but [^\n]*\n {2}`dirs` must [^\n]*\n {2}`ignore` must [^\n]*$/,
    )
  })
})

describe('an option that TypeScript would refuse', () => {
  test.each<[options: object, message: string]>([
    [{ entrie: ['a.ts'] }, 'there is no option `entrie`; did you mean `entries`?'],
    [{ staticroot: 'x' }, 'there is no option `staticroot`; did you mean `staticRoot`?'],
    [{ constructor: 'x' }, 'there is no option `constructor`'],
    [{ postProcessing: true }, 'there is no option `postProcessing`; there are django, staticUrl,'],
    [{ compress: { brotly: true } }, 'there is no option `compress.brotly`; did you mean `compress.brotli`?'],
    [{ django: { setting: 'x' } }, 'there is no option `django.setting`; did you mean `django.settings`?'],
    [{ js: 'module' }, "`js` must be 'modules' or 'source-maps', not 'module'; did you mean 'modules'?"],
    [{ css: 'minify' }, "`css` must be 'lightningcss' or 'preserve', not 'minify'"],
    [{ conflicts: true }, "`conflicts` must be 'report' or 'list' or 'error', not true"],
    [{ link: true }, "`link` must be 'symbolic' or 'hard' or false, not true"],
    [{ strict: 'false' }, "`strict` must be true or false, not 'false'"],
    [{ entries: 'template' }, "or 'templates', not 'template'; did you mean 'templates'?"],
    [{ reload: true }, "`reload` must be a list of globs: ['**/*.py'], or false, not true"],
    [
      { defaultIgnore: ['*.map'] },
      "`defaultIgnore` must be true or false, or a list of 'CVS', '.*' and '*~'",
    ],
    [{ compress: true }, '`compress` must be { gzip, brotli, zstd, … }, or false, not true'],
    [
      { compress: { gzip: 'yes' } },
      "`compress.gzip` must be true or false, or a level from 1 to 9, not 'yes'",
    ],
    [{ compress: { skip: 'png' } }, "`compress.skip` must be a list of extensions: ['png'], not 'png'"],
    [{ django: { env: { DEBUG: 1 } } }, '`django.env` must be variables'],
    [{ django: true }, '`django` must be the path of manage.py, or {'],
    [{ staticRoot: null }, "`staticRoot` must be a folder: 'staticfiles'"],
    [{ staticUrl: 5 }, "`staticUrl` must be a URL: '/static/', not 5"],
    [{ types: true }, "`types` must be a path: 'static-names.d.ts', or false, not true"],
  ])('%j is an error', (options, message) => {
    expect(() => resolveIn('/', options)).toThrow(`the configuration cannot be used\n  `)
    expect(() => resolveIn('/', options)).toThrow(message)
  })

  test('and several are told at once', () => {
    expect(() => resolveIn('/', { entrie: [], js: 'module', compress: { gzip: 'no' } } as object)).toThrow(
      /^staticfiles: [^\n]*\n {2}there is no option [^\n]*\n {2}`js` must [^\n]*\n {2}`compress.gzip` must [^\n]*$/,
    )
  })

  test('and all kinds of mistakes stand under one heading', () => {
    const options = {
      ...{ entrie: [], js: 'module', staticUrl: 'static', proxy: 'localhost', dirs: [['img/', 'static']] },
      ...{ hash: 'query', keepUnhashed: false },
      compress: { gzip: 99, brotli: 4.5, effort: 'fsat', maxRatio: 7, cacheSize: -1, skip: ['*.png', 'a/b'] },
    }
    expect(messageOf(() => staticfiles(options as object)).split('\n')).toEqual([
      'staticfiles: the configuration cannot be used',
      "  `staticUrl` is 'static', but it must be a path or an origin with a path, and end in a slash: '/static/'",
      '  there is no option `entrie`; did you mean `entries`?',
      "  `js` must be 'modules' or 'source-maps', not 'module'; did you mean 'modules'?",
      '  `compress.gzip` must be true or false, or a level from 1 to 9, not 99',
      '  `compress.brotli` must be true or false, or a level from 0 to 11, not 4.5',
      "  `compress.effort` must be 'small' or 'fast', not 'fsat'; did you mean 'fast'?",
      '  `compress.maxRatio` must be a number above 0 and at most 1, not 7',
      '  `compress.cacheSize` must be a number of bytes: 512 * 1024 ** 2, not -1',
      "  `proxy`: 'localhost' is not an origin such as 'http://127.0.0.1:8000'",
      "  `dirs`: the prefix 'img/' must not end with a slash",
      "  `compress.skip`: '*.png' is not an extension such as 'png'",
      "  `compress.skip`: 'a/b' is not an extension such as 'png'",
      "  `hash: 'query'` keeps all names plain, so there is nothing else to keep: leave out `keepUnhashed: false`",
    ])
  })

  test('that is undefined is not given', () => {
    expect(resolveIn('/', { js: undefined, compress: undefined } as object)).toMatchObject({ js: 'modules' })
  })

  test('is no option that the types have', () => {
    const every: Required<Options> = {
      ...{
        django: { manage: 'manage.py', python: 'python3', settings: 'x', env: { A: 'b' } },
        staticUrl: '/',
      },
      ...{
        staticRoot: 'x',
        dirs: [['a', 'b']],
        apps: ['x'],
        finders: [],
        entries: 'templates',
        templates: [],
      },
      ...{
        proxy: 'http://a.test',
        origins: ['http://b.test'],
        reload: false,
        ignore: ['x'],
        conflicts: 'list',
      },
      ...{
        defaultIgnore: ['CVS'],
        css: 'preserve',
        js: 'source-maps',
        strict: false,
        hash: true,
        link: 'hard',
      },
      ...{
        keepUnhashed: false,
        dryRun: true,
        fileMode: 0o600,
        folderMode: 0o700,
        manifest: 'x',
        types: 'x.d.ts',
      },
      ...{
        compress: {
          gzip: 6,
          brotli: 0,
          zstd: false,
          effort: 'fast',
          skip: ['x'],
          maxRatio: 1,
          cache: 'x',
          cacheSize: 1,
        },
        integrity: true,
        report: 'x',
      },
    }
    expect(() => resolveIn('/', every)).not.toThrow()
  })
})

describe('what is compressed', () => {
  test.each<[compress: object, problem: string]>([
    [{ gzip: 0 }, '`compress.gzip` must be true or false, or a level from 1 to 9, not 0'],
    [{ gzip: 1.5 }, '`compress.gzip` must be true or false, or a level from 1 to 9, not 1.5'],
    [{ brotli: -1 }, '`compress.brotli` must be true or false, or a level from 0 to 11, not -1'],
    [{ brotli: 12 }, '`compress.brotli` must be true or false, or a level from 0 to 11, not 12'],
    [{ effort: 1 }, "`compress.effort` must be 'small' or 'fast', not 1"],
    [{ cacheSize: -1 }, '`compress.cacheSize` must be a number of bytes: 512 * 1024 ** 2, not -1'],
    [{ cacheSize: Number.NaN }, '`compress.cacheSize` must be a number of bytes: 512 * 1024 ** 2, not NaN'],
    ...[0, -1, 1.01, Number.NaN].map((maxRatio): [object, string] => [
      { maxRatio },
      `\`compress.maxRatio\` must be a number above 0 and at most 1, not ${maxRatio}`,
    ]),
    [{ maxRatio: '0.9' }, "`compress.maxRatio` must be a number above 0 and at most 1, not '0.9'"],
    ...['', '.', '*.png', 'img/a.png', '..png', ' png'].map((extension): [object, string] => [
      { skip: [extension] },
      `\`compress.skip\`: '${extension}' is not an extension such as 'png'`,
    ]),
  ])('%j is wrong', (compress, problem) => {
    expect(validate({ compress })).toEqual([problem])
  })

  test.each<Options['compress']>([
    false,
    ...[{ gzip: 1 }, { gzip: 9 }, { brotli: 0 }, { brotli: 11 }, { gzip: false, brotli: false }],
    ...[{ maxRatio: 1 }, { cacheSize: 0 }, { cacheSize: Number.POSITIVE_INFINITY }],
    ...[{ skip: ['.PNG', 'min.js'] }, { skip: [] }],
  ])('may be %j', compress => {
    expect(validate(compress === undefined ? {} : { compress })).toEqual([])
  })

  test.each([true, 3])('by zstd (%s) needs a Node that has it', zstd => {
    const problems = validate({ compress: { zstd } })
    if ('zstdCompress' in zlib) expect(problems).toEqual([])
    else expect(problems).toEqual([expect.stringMatching(/needs Node 22\.15, 23\.8 or later.*: update Node/)])
  })
})

test('the folders of `apps` are looked for once in a build', async () => {
  const root = await tree({ 'polls/static/polls/a.css': 'a{}', 'polls/templates/a.html': '' })
  const glob = vi.spyOn(fastGlob, 'sync')
  onTestFinished(() => glob.mockRestore())
  const plugins = staticfiles({ apps: ['p*'], entries: 'templates' })
  await build({ root, configFile: false, logLevel: 'silent', plugins })
  expect(existsSync(path.join(root, 'staticfiles/polls/a.css'))).toBe(true)
  expect(glob.mock.calls.filter(([pattern]) => pattern === 'p*')).toHaveLength(1)
})

describe('a static URL', () => {
  test.each([
    ['/static/', '/static/'],
    ['/', '/'],
    ['//cdn.example.com/', '/'],
    ['https://cdn.example.com/a/b/', '/a/b/'],
  ])('%s has the path %s', (staticUrl, staticPath) => {
    expect(resolveIn('/', { staticUrl })).toMatchObject({ staticUrl, staticPath })
  })

  test.each(['', 'static/', '/static', 'https://cdn.example.com', 'cdn.example.com/'])(
    '%j is refused',
    staticUrl => {
      expect(() => resolveIn('/', { staticUrl })).toThrow(`\`staticUrl\` is '${staticUrl}', but it must be`)
    },
  )
})

describe('the static root (E002)', () => {
  test.each<[what: string, options: Options, message: string]>([
    [
      'that is a location',
      { dirs: ['static'], staticRoot: 'static' },
      '`dirs`: ROOT/static is the static root itself',
    ],
    [
      'that is a location through a link',
      { dirs: ['link'], staticRoot: 'static' },
      '`dirs`: ROOT/link is the static root itself',
    ],
    [
      'in a location',
      { dirs: ['static'], staticRoot: 'static/out' },
      '`staticRoot`: ROOT/static/out lies in ROOT/static of `dirs`, so each build would collect the last',
    ],
    [
      'in a location through a link',
      { dirs: ['static'], staticRoot: 'link/not/yet' },
      '`staticRoot`: ROOT/link/not/yet lies in ROOT/static of `dirs`',
    ],
    [
      'in the static/ of an app',
      { apps: ['polls'], staticRoot: 'polls/static/polls' },
      '`staticRoot`: ROOT/polls/static/polls lies in ROOT/polls/static of `apps`',
    ],
    [
      'around a location',
      { apps: ['p*'], staticRoot: 'polls' },
      '`apps`: ROOT/polls/static lies in the static root ROOT/polls, which a build may empty',
    ],
    [
      'around a location through a link',
      { dirs: ['deep/link'], staticRoot: 'polls' },
      '`dirs`: ROOT/deep/link lies in the static root ROOT/polls',
    ],
    ['that is a file', { staticRoot: 'file' }, '`staticRoot`: ROOT/file is a file, not a folder'],
  ])('%s is refused', async (_what, options, message) => {
    const links = { link: symlink('static'), 'deep/link': symlink('../polls/static') }
    expect(await problemsOf({ ...FILES, ...links }, options)).toContain(message)
  })

  test.each(['static2', 'stat', 'out', '..static', 'polls'])(
    'beside the locations is fine: %s',
    async staticRoot => {
      expect(await problemsOf(FILES, { dirs: ['static'], staticRoot })).toBe('')
    },
  )
})

describe('a prefix (E003)', () => {
  test('must not end with a slash', async () => {
    expect(await problemsOf(FILES, { dirs: [['img/', 'static']] })).toContain(
      "`dirs`: the prefix 'img/' must not end with a slash",
    )
  })

  test.each(['/img', 'a//b', '..', 'a/../b', './a', '.'])(
    'must be a plain relative path: not %s',
    async prefix => {
      expect(await problemsOf(FILES, { dirs: [[prefix, 'static']] })).toContain(
        `\`dirs\`: the prefix '${prefix}' must be a plain relative path`,
      )
    },
  )

  test.each(['', 'img', 'a/b', '...', 'a b'])('may be %j', async prefix => {
    expect(await problemsOf(FILES, { dirs: [[prefix, 'static']] })).toBe('')
  })
})

test('a file is no location, be it in `dirs`, an app, or the static/ of one', async () => {
  const files = { ...FILES, 'broken/static': '' }
  expect(await problemsOf(files, { dirs: ['file'], apps: ['broken', 'plain/models.py'] })).toBe(
    [
      'staticfiles: the configuration cannot be used',
      '  `apps`: ROOT/plain/models.py is a file, not a folder',
      '  `dirs`: ROOT/file is a file, not a folder',
      '  `apps`: ROOT/broken/static is a file, not a folder',
    ].join('\n'),
  )
})

test('all folders that cannot be used are in one error', async () => {
  const dirs: Options['dirs'] = [['img', 'static'], 'file', ['p', 'none']]
  const problems = await problemsOf(FILES, { dirs, staticRoot: 'static/out' })
  expect(problems.split('\n').slice(1)).toEqual([
    '  `staticRoot`: ROOT/static/out lies in ROOT/static of `dirs`, so each build would collect the last',
    '  `dirs`: ROOT/file is a file, not a folder',
  ])
})

describe('a warning (W004)', () => {
  test('names each folder that does not exist, and its option', async () => {
    expect(
      await warningsOf({ dirs: ['static', 'none', ['p', 'file/x']], apps: ['polls', 'gone', 'p*'] }),
    ).toEqual([
      '`dirs`: the folder ROOT/none does not exist',
      '`dirs`: the folder ROOT/file/x does not exist',
      '`apps`: the folder ROOT/gone does not exist',
    ])
  })

  test('names a glob that matches no folder', async () => {
    expect(await warningsOf({ apps: ['q*', 'fil*'] })).toEqual([
      '`apps`: no folder matches q* in ROOT',
      '`apps`: no folder matches fil* in ROOT',
    ])
  })

  test('says nothing of an app without static files', async () => {
    expect(await warningsOf({ apps: ['plain', 'p*'] })).toEqual([])
  })
})

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

async function check(files: Tree, options: Options): Promise<{ problems: string; warnings: string[] }> {
  const root = await tree(files)
  const plain = (text: string) => text.replaceAll(root, 'ROOT')
  try {
    return { problems: '', warnings: checkFolders(resolveIn(root, options)).map(plain) }
  } catch (error) {
    return { problems: plain((error as Error).message), warnings: [] }
  }
}

async function problemsOf(files: Tree, options: Options): Promise<string> {
  return (await check(files, options)).problems
}

async function warningsOf(options: Options): Promise<string[]> {
  const { problems, warnings } = await check(FILES, options)
  expect(problems).toBe('')
  return warnings
}
