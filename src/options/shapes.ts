import { didYouMean, nearestNames } from '../base/text/nearest-names.ts'
import type { Finder } from '../finders/finders.ts'
import { DEFAULT_IGNORE } from '../finders/ignore.ts'
import type { CompressOptions } from './compression.ts'
import type { DjangoOptions, Options } from './options.ts'

/** The values that an option may have. */
interface Shape {
  /** The values in words, for messages. */
  readonly expected: string
  fits(value: unknown): boolean
  /** The words among the values, for users who mistype one. */
  readonly words?: readonly string[]
  /** The options in the value, if it may be an object. */
  readonly options?: Shapes
}

type Shapes<Names extends string = string> = Readonly<Record<Names, Shape>>

/**
 * Returns E001 and the like: options that do not exist, words that are not among the choices, numbers out of range,
 * lists with wrong items. TypeScript finds most of them, but not everybody runs it.
 */
export function shapeProblems(options: Options): string[] {
  return problemsIn(options, SHAPES, '')
}

function problemsIn(options: object, shapes: Shapes, parent: string): string[] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => {
      const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
      if (shape === undefined) return [unknownOption(name, shapes, parent)]
      if (!shape.fits(value)) return [wrongValue(`${parent}${name}`, value, shape)]
      return isObject(value) && shape.options ? problemsIn(value, shape.options, `${parent}${name}.`) : []
    })
}

function unknownOption(name: string, shapes: Shapes, parent: string): string {
  const [nearest] = nearestNames(name, Object.keys(shapes))
  const hint =
    nearest === undefined
      ? `; there are ${Object.keys(shapes).join(', ')}`
      : didYouMean([`\`${parent}${nearest}\``])
  return `there is no option \`${parent}${name}\`${hint}`
}

function wrongValue(name: string, value: unknown, { expected, words = [] }: Shape): string {
  const given = typeof value === 'object' || typeof value === 'function' ? '' : `, not ${quoted(value)}`
  const nearest = typeof value === 'string' ? nearestNames(value, words).slice(0, 1) : []
  return `\`${name}\` must be ${expected}${given}${didYouMean(nearest.map(quoted))}`
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** Makes the shape of an option that is one of some words, `true` or `false`. */
function oneOf(...values: (string | boolean)[]): Shape {
  return {
    expected: values.map(quoted).join(' or '),
    fits: value => values.includes(value as string | boolean),
    words: values.filter(value => typeof value === 'string'),
  }
}

function text(expected: string): Shape {
  return { expected, fits: isString }
}

function list(expected: string, belongs: (item: unknown) => boolean = isString): Shape {
  return { expected: `a list of ${expected}`, fits: value => Array.isArray(value) && value.every(belongs) }
}

function object(expected: string, options: Shapes): Shape {
  return { expected, fits: isObject, options }
}

function either(...shapes: Shape[]): Shape {
  const options = shapes.find(shape => shape.options)?.options
  return {
    expected: shapes.map(shape => shape.expected).join(', or '),
    fits: value => shapes.some(shape => shape.fits(value)),
    words: shapes.flatMap(shape => shape.words ?? []),
    ...(options && { options }),
  }
}

/** Makes the shape of an option that is a level, `true` or `false`. */
function level(lowest: number, highest: number): Shape {
  const fits = (value: unknown) => isInteger(value) && value >= lowest && value <= highest
  return either(FLAG, { expected: `a level from ${lowest} to ${highest}`, fits })
}

const FLAG = oneOf(true, false)
const OFF: Shape = { expected: 'false', fits: value => value === false }
/** The mode of a file or folder. Nothing else would show the mistake `644` instead of `0o644`. */
const MODE: Shape = {
  expected: 'a mode in octal, with which you can read what you write: 0o644',
  fits: isMode,
}

const COMPRESS_SHAPES: Shapes<keyof CompressOptions> = {
  gzip: level(1, 9),
  brotli: level(0, 11),
  // From level 20 on the window is larger than the 8 MiB that HTTP clients accept (RFC 9659).
  zstd: level(1, 19),
  effort: oneOf('small', 'fast'),
  skip: list("extensions: ['png']"),
  maxRatio: {
    expected: 'a number above 0 and at most 1',
    fits: value => isNumber(value) && value > 0 && value <= 1,
  },
  cache: either(text("a folder: '.cache/siblings'"), FLAG),
  cacheSize: {
    expected: 'a number of bytes: 512 * 1024 ** 2',
    fits: value => isNumber(value) && value >= 0,
  },
}

const DJANGO_SHAPES: Shapes<keyof DjangoOptions> = {
  manage: text("the path of manage.py: 'backend/manage.py'"),
  python: text("a Python, or the folder of a virtual environment: '.venv'"),
  settings: text("the dotted name of a module: 'mysite.settings'"),
  env: {
    expected: "variables: { DJANGO_SECRET_KEY: '…' }",
    fits: value => isObject(value) && Object.values(value).every(isString),
  },
}

const SHAPES: Shapes<keyof Options> = {
  django: either(
    text('the path of manage.py'),
    object("{ manage: 'manage.py', python, settings, env }", DJANGO_SHAPES),
    OFF,
  ),
  staticUrl: text("a URL: '/static/'"),
  staticRoot: text("a folder: 'staticfiles'"),
  dirs: list("folders or [prefix, folder]: ['static', ['img', 'images']]", isDir),
  apps: list("folders: ['polls']"),
  finders: list('objects with `locations`, `find` and `list`', isFinder),
  entries: either(list("names: ['polls/app.ts']"), oneOf('templates')),
  templates: list("folders or [folder, language]: ['templates', ['pages', 'jinja2']]", isTemplateFolder),
  proxy: text("an origin: 'http://127.0.0.1:8000'"),
  origins: list("origins: ['http://mysite.test:8000']"),
  reload: either(list("globs: ['**/*.py']"), OFF),
  ignore: list("patterns: ['*.map']"),
  defaultIgnore: either(FLAG, list("'CVS', '.*' and '*~'", isDefaultPattern)),
  conflicts: oneOf('report', 'list', 'error'),
  css: oneOf('lightningcss', 'preserve'),
  js: oneOf('modules', 'source-maps'),
  strict: FLAG,
  hash: oneOf(true, false, 'query'),
  keepUnhashed: FLAG,
  link: oneOf('symbolic', 'hard', false),
  dryRun: FLAG,
  fileMode: MODE,
  folderMode: MODE,
  manifest: text("a path in the static root: 'staticfiles.json'"),
  compress: either(object('{ gzip, brotli, zstd, … }', COMPRESS_SHAPES), OFF),
  integrity: FLAG,
  report: either(text("a path: 'staticfiles-report.html'"), FLAG),
  types: either(text("a path: 'static-names.d.ts'"), OFF),
}

function isString(item: unknown): boolean {
  return typeof item === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDir(item: unknown): boolean {
  return isString(item) || (Array.isArray(item) && item.length === 2 && item.every(isString))
}

function isTemplateFolder(item: unknown): boolean {
  return isString(item) || (isDir(item) && ['django', 'jinja2', 'any'].includes((item as string[])[1]!))
}

function isFinder(item: unknown): boolean {
  const { locations, find, list } = (item ?? {}) as Partial<Finder>
  return Array.isArray(locations) && typeof find === 'function' && typeof list === 'function'
}

function isDefaultPattern(item: unknown): boolean {
  return DEFAULT_IGNORE.some(pattern => pattern === item)
}

function isMode(mode: unknown): boolean {
  return isInteger(mode) && mode <= 0o7777 && (mode & 0o600) === 0o600
}
