import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StaticFilesError } from '../../src/base/errors.ts'
import {
  Manifest,
  manifestText,
  namesDeclaration,
  writeManifest,
} from '../../src/static-root/manifest/manifest.ts'

const fixtures = join(import.meta.dirname, '../fixtures/manifest')
const recordedFile = join(fixtures, 'staticfiles.json')
const recordedText = readFileSync(recordedFile, 'utf8')
const recordedPaths: Record<string, string> = JSON.parse(recordedText).paths

type Answer = string | { error: string; message: string }
type Row = [name: string, url: Answer, stored: Answer]
interface Table {
  staticUrl: string
  strict: boolean
  debug: boolean
  rows: Row[]
}
const recorded: { files: Record<string, string>; tables: Table[] } = JSON.parse(
  readFileSync(join(fixtures, 'urls.json'), 'utf8'),
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifest-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

function manifestOf(paths: Record<string, string>): string {
  return write('staticfiles.json', manifestText(paths))
}

describe('manifestText', () => {
  test('writes the bytes that Django 6.1 writes, from a Map or an object', () => {
    expect(manifestText(recordedPaths)).toBe(recordedText)
    expect(manifestText(new Map(Object.entries(recordedPaths)))).toBe(recordedText)
  })

  test('does not depend on the order of the names', () => {
    expect(manifestText(new Map(Object.entries(recordedPaths).reverse()))).toBe(recordedText)
  })

  test('sorts by code point, where an emoji comes after U+FFEE', () => {
    const names = ['\u{1f600}', '\uffee', '\ue000', 'a', 'aa', '']
    const text = manifestText(Object.fromEntries(names.map(name => [name, name])))
    expect(Object.keys(JSON.parse(text).paths)).toEqual(['', 'a', 'aa', '\ue000', '\uffee', '\u{1f600}'])
  })

  test('takes names that are properties of every object', () => {
    const text = manifestText(new Map([['__proto__', 'x'], ['constructor', 'y']])) // biome-ignore format: one line
    expect(text).toContain('{"__proto__": "x", "constructor": "y"}')
  })

  test('escapes as json.dumps does', () => {
    expect(manifestText({ '"\\/\b\f\n\r\t\0\x1f\x7f\u0080\u{1f600}': '' })).toContain(
      String.raw`{"\"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080\ud83d\ude00": ""}`,
    )
  })

  test('writes an empty manifest as Django does', () => {
    expect(manifestText({})).toBe('{"paths": {}, "version": "1.1", "hash": "d75171398898"}')
  })

  test('writes 100,000 names in less than five seconds', () => {
    const paths = new Map<string, string>()
    for (let at = 0; at < 100_000; at++) paths.set(`app/${(at * 7919) % 100_000}/style.css`, `app/${at}.css`)
    const start = performance.now()
    manifestText(paths)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('writeManifest', () => {
  test('creates the folder, returns the hash and leaves no temporary file', async () => {
    const file = join(folder, 'a/b/staticfiles.json')
    expect(await writeManifest(file, recordedPaths)).toBe(JSON.parse(recordedText).hash)
    expect(readFileSync(file, 'utf8')).toBe(recordedText)
    expect(readdirSync(dirname(file))).toEqual(['staticfiles.json'])
  })

  test('replaces the file instead of writing into it', async () => {
    const file = manifestOf({ old: 'old' })
    const before = statSync(file).ino
    await writeManifest(file, recordedPaths)
    expect(statSync(file).ino).not.toBe(before)
  })

  test('removes its temporary file and names the manifest when it fails', async () => {
    const file = join(folder, 'taken')
    mkdirSync(file)
    const written = writeManifest(file, {})
    await expect(written).rejects.toThrow(StaticFilesError)
    await expect(written).rejects.toThrow(`cannot write the manifest ${file}`)
    expect(readdirSync(folder)).toEqual(['taken'])
  })
})

/** An answer that differs from Django's on purpose, in tables of these modes; `url` follows the static URL. */
interface Deviation {
  modes: Mode[]
  name: string
  url?: string
  stored?: string
}
type Mode = 'strict' | 'lenient' | 'debug'

const strictAndLenient: Mode[] = ['strict', 'lenient']

const deviations: Record<string, Deviation[]> = {
  'Django gives the query or the fragment twice': [
    { modes: strictAndLenient, name: 'img/#x', url: 'img/#x' },
    { modes: strictAndLenient, name: 'img/?#x', url: 'img/?#x' },
    { modes: ['lenient'], name: 'img/#x', stored: 'img/#x' },
    { modes: ['lenient'], name: 'img/?#x', stored: 'img/?#x' },
    { modes: ['lenient'], name: 'img/?v=1', stored: 'img/?v=1' },
    { modes: ['lenient'], name: '#x', stored: '#x' },
    { modes: ['lenient'], name: '?x', url: '?x', stored: '?x' },
    { modes: ['lenient'], name: 'late?v=1', url: 'late?v=1', stored: 'late?v=1' },
    {
      modes: ['lenient'],
      name: 'late/new.css?v=1',
      url: 'late/new.3d38ef072278.css?v=1',
      stored: 'late/new.3d38ef072278.css?v=1',
    },
    { modes: ['lenient'], name: 'late/new.css#x', stored: 'late/new.3d38ef072278.css#x' },
    { modes: ['lenient'], name: 'late/new.css?#x', stored: 'late/new.3d38ef072278.css?#x' },
  ],
  'Django with DEBUG puts a question mark after the fragment': [
    'fonts/icons.eot?#iefix',
    'fonts/icons.eot?#',
    'fonts/icons.eot?v=1?#iefix',
    'img/?#x',
    'missing.css?#x',
    'late/new.css?#x',
  ].map((name): Deviation => ({ modes: ['debug'], name, url: name })),
  'Django climbs above the root of a path, and the URL becomes relative to the page': [
    { modes: ['strict', 'lenient', 'debug'], name: '../../../img/', url: '../img/' },
  ],
  'Django drops a semicolon before a fragment, and finds another name': [
    { modes: ['strict'], name: 'single;#x', url: "Missing staticfiles manifest entry for 'single;'" },
    { modes: ['lenient'], name: 'single;#x', url: 'single;#x' },
  ],
  'Django joins the parts of a name anew when it hashes a file that the manifest lacks': [
    { modes: ['lenient'], name: 'css//site.css', stored: 'css//site.556eb4b5fd1f.css' },
  ],
}

function modeOf({ debug, strict }: Table): Mode {
  if (debug) return 'debug'
  return strict ? 'strict' : 'lenient'
}

/** Where our answer is not Django's: what it is instead. */
function deviation(table: Table, name: string, method: 'url' | 'stored'): string | undefined {
  const found = Object.values(deviations)
    .flat()
    .find(entry => entry.name === name && entry.modes.includes(modeOf(table)) && entry[method] !== undefined)
  const answer = found?.[method]
  if (answer === undefined || method === 'stored' || answer.startsWith('Missing')) return answer
  const base = decodeURI(table.staticUrl).replace(/^static/, '/static')
  return (base + answer).replace(/\/[^/]+\/\.\.\//, '/')
}

function answerOf(method: () => string): string {
  try {
    return method()
  } catch (error) {
    expect(error).toBeInstanceOf(StaticFilesError)
    return (error as Error).message
  }
}

/** What Django's errors are with us. */
function expectAnswer(answer: string, recordedAnswer: Answer): void {
  if (typeof recordedAnswer === 'string') expect(answer).toBe(recordedAnswer)
  else if (recordedAnswer.error === 'SuspiciousFileOperation') expect(answer).toContain('lies outside of')
  else if (recordedAnswer.message.startsWith('Missing'))
    expect(answer).toContain(`${recordedAnswer.message} in `)
  else expect(answer).not.toContain('staticfiles: ')
}

function recordedFolder(): string {
  for (const [name, text] of Object.entries(recorded.files)) write(name, text)
  return write('staticfiles.json', recordedText)
}

describe('the answers of Django', () => {
  for (const table of recorded.tables) {
    const { staticUrl, strict } = table
    const open = () =>
      table.debug ? Manifest.identity({ staticUrl }) : Manifest.load(recordedFolder(), { staticUrl, strict })

    test(`url() under ${staticUrl}, ${modeOf(table)}`, () => {
      const manifest = open()
      for (const [name, url] of table.rows) {
        const answer = answerOf(() => manifest.url(name))
        const ours = deviation(table, name, 'url')
        if (ours?.startsWith('Missing')) expect(answer, JSON.stringify(name)).toContain(ours)
        else expectAnswer(answer, ours ?? url)
      }
    })

    if (table.debug) continue

    test(`storedName() under ${staticUrl}, ${modeOf(table)}`, () => {
      const manifest = open()
      for (const [name, , stored] of table.rows) {
        const answer = answerOf(() => manifest.storedName(name))
        expectAnswer(answer, deviation(table, name, 'stored') ?? stored)
      }
    })
  }

  test('the list of deviations names only rows that do deviate', () => {
    for (const entry of Object.values(deviations).flat()) {
      for (const mode of entry.modes) {
        const tables = recorded.tables.filter(table => modeOf(table) === mode)
        const deviates = tables.some(table => {
          const found = table.rows.find(([name]) => name === entry.name)
          expect(found, entry.name).toBeDefined()
          if (entry.url !== undefined) return found?.[1] !== deviation(table, entry.name, 'url')
          return found?.[2] !== entry.stored
        })
        expect(deviates, `${entry.name}, ${mode}`).toBe(true)
      }
    }
  })
})

describe('Manifest.load', () => {
  test.each(['1.0', '1.1'])('reads version %s', version => {
    const file = write('m.json', JSON.stringify({ paths: { a: 'b' }, version }))
    const manifest = Manifest.load(file)
    expect([...manifest.paths]).toEqual([['a', 'b']])
    expect(manifest.hash).toBe('')
  })

  test('takes a manifest without paths, as Django does', () => {
    expect([...Manifest.load(write('m.json', '{"version": "1.1"}')).names]).toEqual([])
  })

  test.each([
    ['{"paths": {}, "version": "2.0"}', 'its version is "2.0", not "1.0" or "1.1"'],
    ['{"paths": {}, "version": 1.1}', 'its version is 1.1'],
    ['{"paths": {}}', 'its version is missing'],
    ['{"paths": [], "version": "1.1"}', 'its "paths" are not an object of strings'],
    ['{"paths": {"a": 1}, "version": "1.1"}', 'its "paths" are not an object of strings'],
    ['{"paths": {"a": null}, "version": "1.1"}', 'its "paths" are not an object of strings'],
    ['[]', 'its version is missing'],
    ['null', 'its version is missing'],
    ['', 'it is not JSON'],
    ['{"paths": {', 'it is not JSON'],
    ['\ufeff{"paths": {}, "version": "1.1"}', 'it is not JSON'],
  ])('refuses %j and names the file', (text, why) => {
    const file = write('m.json', text)
    expect(() => Manifest.load(file)).toThrow(StaticFilesError)
    expect(() => Manifest.load(file)).toThrow(`staticfiles: cannot read the manifest ${file}: ${why}`)
    expect(() => Manifest.load(file)).toThrow('run `vite build`')
  })

  test('refuses what is not UTF-8', () => {
    const file = join(folder, 'm.json')
    writeFileSync(file, Buffer.from('{"version": "1.1", "paths": {"\xe9": "b"}}', 'latin1'))
    expect(() => Manifest.load(file)).toThrow(`cannot read the manifest ${file}`)
  })

  test('says to run `vite build` where there is no file', () => {
    const file = join(folder, 'none/staticfiles.json')
    expect(() => Manifest.load(file)).toThrow(StaticFilesError)
    expect(() => Manifest.load(file)).toThrow(
      `there is no manifest ${file}: run \`vite build\` to write it, or use Manifest.identity() where no build is needed`,
    )
  })

  test.each(['', '/static', 'https://cdn.example.com'])(
    'refuses the static URL %j, without its slash',
    staticUrl => {
      const file = manifestOf({})
      expect(() => Manifest.load(file, { staticUrl })).toThrow(
        `staticUrl must end in a slash: write '${staticUrl}/'`,
      )
      expect(() => Manifest.identity({ staticUrl })).toThrow(StaticFilesError)
    },
  )
})

describe('Manifest', () => {
  test('lists its names, paths and hash', () => {
    const manifest = Manifest.load(recordedFile)
    expect([...manifest.names]).toEqual(Object.keys(recordedPaths))
    expect(Object.fromEntries(manifest.paths)).toEqual(recordedPaths)
    expect(manifest.hash).toBe(JSON.parse(recordedText).hash)
  })

  test.each([
    ['css/site.css', true],
    ['css/site.css?v=1#x', true],
    ['a%20b.css', true],
    ['fonts/icons.eot?#iefix', true],
    ['css/missing.css', false],
    ['css/', false],
    ['toString', false],
  ])('has(%j) is %s', (name, has) => {
    expect(Manifest.load(recordedFile).has(name)).toBe(has)
  })

  test.each([
    ['css/sit.css', "did you mean 'css/site.css'?"],
    ['site.css', "did you mean 'css/site.css'?"],
    ['icons/icons.eot', "did you mean 'fonts/icons.eot'?"],
    ['LICENCE', "did you mean 'LICENSE'?"],
    ['something/else/entirely.woff2', 'no name in it is like it'],
  ])('a missing name says which are near: %s', (name, hint) => {
    const url = () => Manifest.load(recordedFile).url(name)
    expect(url).toThrow(StaticFilesError)
    expect(url).toThrow(`Missing staticfiles manifest entry for '${name}' in ${recordedFile}: ${hint}`)
  })

  test('looks for near names among 100,000 in less than five seconds', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => [`some/app/img/picture-${at}.png`, 'x'])
    const manifest = Manifest.load(manifestOf(Object.fromEntries(names)))
    const start = performance.now()
    expect(() => manifest.url('some/app/img/picture-x1234.png')).toThrow('did you mean')
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test.each([
    ['missing.css', '/static/missing.css'],
    ['missing.css?v=1#x', '/static/missing.css?v=1#x'],
    ['missing.eot?#iefix', '/static/missing.eot?#iefix'],
    ['mis%20sing.css', '/static/mis sing.css'],
    ['nul\0.css', '/static/nul\0.css'],
  ])('without strict, %j that is nowhere has its plain URL', (name, url) => {
    expect(Manifest.load(recordedFile, { strict: false }).url(name)).toBe(url)
  })

  test('identity has every name and maps it to itself', () => {
    const manifest = Manifest.identity()
    expect(manifest.url('any/name.css?v=1')).toBe('/static/any/name.css?v=1')
    expect(manifest.storedName('any/name.css')).toBe('any/name.css')
    expect(manifest.has('any/name.css')).toBe(true)
    expect([...manifest.names]).toEqual([])
    expect(manifest.hash).toBe('')
  })
})

describe('reload', () => {
  function later(file: string): void {
    const { atimeMs, mtimeMs } = statSync(file)
    utimesSync(file, atimeMs / 1000, mtimeMs / 1000 + 10)
  }

  test('without it, the file is read once', async () => {
    const file = manifestOf({ a: 'a.1' })
    const manifest = Manifest.load(file)
    await writeManifest(file, { a: 'a.2' })
    expect(manifest.url('a')).toBe('/static/a.1')
  })

  test('notices a replaced file', async () => {
    const file = manifestOf({ a: 'a.1' })
    const manifest = Manifest.load(file, { reload: true })
    expect(manifest.url('a')).toBe('/static/a.1')
    await writeManifest(file, { a: 'a.2' })
    expect(manifest.url('a')).toBe('/static/a.2')
    expect([...manifest.paths.values()]).toEqual(['a.2'])
  })

  test('notices a file that another of its size and time was moved over', () => {
    const file = manifestOf({ a: 'a.1' })
    const other = write('other.json', manifestText({ a: 'a.2' }))
    utimesSync(file, 1000, 1000)
    utimesSync(other, 1000, 1000)
    const manifest = Manifest.load(file, { reload: true })
    renameSync(other, file)
    expect(manifest.url('a')).toBe('/static/a.2')
  })

  test('notices a file written in place with the same size', () => {
    const file = manifestOf({ a: 'a.1' })
    const manifest = Manifest.load(file, { reload: true })
    manifestOf({ a: 'a.2' })
    later(file)
    expect(manifest.url('a')).toBe('/static/a.2')
  })

  test('keeps the old content while the file is half-written or gone, and takes the new one then', () => {
    const file = manifestOf({ a: 'a.1' })
    const manifest = Manifest.load(file, { reload: true })
    writeFileSync(file, '{"paths": {"a": "a.2')
    expect(manifest.url('a')).toBe('/static/a.1')
    rmSync(file)
    expect(manifest.url('a')).toBe('/static/a.1')
    manifestOf({ a: 'a.2' })
    expect(manifest.url('a')).toBe('/static/a.2')
  })
})

describe('typed names', () => {
  const source = resolve(import.meta.dirname, '../../src/static-root/manifest/manifest.ts')

  const parsed = new Map<string, ts.SourceFile | undefined>()

  /** Parses the files outside of the test's folder once for all programs. */
  function cachingHost(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options)
    const getSourceFile: ts.CompilerHost['getSourceFile'] = (name, ...rest) => {
      if (name.startsWith(folder)) return host.getSourceFile(name, ...rest)
      if (!parsed.has(name)) parsed.set(name, host.getSourceFile(name, ...rest))
      return parsed.get(name)
    }
    return { ...host, getSourceFile }
  }

  /** The errors of a program with the package's exports, and with the declarations where they are given. */
  function errorsOf(code: string, declaration?: string): string[] {
    const index = write(
      'package.ts',
      `export { Manifest, type StaticName, type StaticNames } from '${source}'\n`,
    )
    const files = [write('code.ts', `import { Manifest } from 'vite-plugin-staticfiles'\n${code}\n`)]
    if (declaration !== undefined) files.push(write('names.d.ts', declaration))
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2023.d.ts'],
      types: ['node'],
      typeRoots: [resolve(import.meta.dirname, '../../node_modules/@types')],
      paths: { 'vite-plugin-staticfiles': [index] },
    }
    const program = ts.createProgram(files, options, cachingHost(options))
    const inFiles = ({ file }: ts.Diagnostic) => file === undefined || file.fileName.startsWith(folder)
    return ts
      .getPreEmitDiagnostics(program)
      .filter(inFiles)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  }

  const odd = [
    'it"s.css',
    'back\\slash.css',
    'new\nline.css',
    '\u2028.css',
    '\u{1f600}.css',
    '__proto__',
    'é',
  ]
  const declaration = namesDeclaration(['polls/app.ts', 'css/site.css', 'polls/app.ts', ...odd])

  test('any string is a name until the declarations are there', () => {
    expect(errorsOf("const name: string = 'x'\nManifest.identity().url(name)")).toEqual([])
    expect(errorsOf('Manifest.identity().url(1)')).toEqual([
      "Argument of type 'number' is not assignable to parameter of type 'string'.",
    ])
  })

  test('known names, with a query or fragment, and folders are names', () => {
    const names = ['polls/app.ts', 'css/site.css?v=1', 'css/site.css#x', 'css/site.css?#x', 'img/', ...odd]
    const code = names.map(name => `Manifest.identity().url(${JSON.stringify(name)})`).join('\n')
    expect(errorsOf(code.replaceAll('\u2028', '\\u2028'), declaration)).toEqual([])
  })

  test.each(["'polls/ap.ts'", "'css/site.css2'", "'Polls/app.ts'", "'css/site.css' as string"])(
    '%s is a type error',
    name => {
      const errors = errorsOf(`Manifest.identity().url(${name})`, declaration)
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatch(/^Argument of type .* is not assignable to parameter of type /)
    },
  )

  test('has() takes any string, so a name from outside can be asked for', () => {
    expect(errorsOf("Manifest.identity().has('x' as string)", declaration)).toEqual([])
  })

  test('the declarations are sorted, without doubles, and a module of their own', () => {
    expect(namesDeclaration(['b.css', 'a.css', 'b.css'])).toBe(`\
// Generated by vite-plugin-staticfiles; changes are lost at the next build.
declare module 'vite-plugin-staticfiles' {
  interface StaticNames {
    "a.css": string
    "b.css": string
  }
}

export {}
`)
  })

  test('declarations without names leave any string a name', () => {
    expect(errorsOf("Manifest.identity().url('x')", namesDeclaration([]))).toEqual([])
  })
})
