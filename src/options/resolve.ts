import path from 'node:path'
import { staticPathOf, staticUrlError } from '../base/static-url.ts'
import type { HashMode } from '../base/stored-file.ts'
import { AppDirectoriesFinder, appFolders, FileSystemFinder, type Finder } from '../finders/finders.ts'
import { createIgnore, DEFAULT_IGNORE, type Ignore } from '../finders/ignore.ts'
import type { TemplateFolder } from '../references/templates/read.ts'
import type { TemplateLanguage } from '../references/templates/scan.ts'
import { type Compression, resolveCompress } from './compression.ts'
import type { Options } from './options.ts'
import { contradictions, originErrors, refuse, shapeErrors } from './validate.ts'

/** What the bundler knows: its root, and what it says of things that the options leave open. */
export interface Surroundings {
  /** An absolute path. */
  readonly root: string
  /** The bundler's output folder where the user set one. */
  readonly outDir: string | undefined
  /** Whether the bundler minifies CSS. */
  readonly cssMinify: boolean
}

/** {@link Options} with all paths absolute and every default filled in. */
export interface ResolvedOptions {
  readonly root: string
  readonly staticUrl: string
  /** The path of {@link ResolvedOptions.staticUrl}. */
  readonly staticPath: string
  readonly staticRoot: string
  readonly finders: readonly Finder[]
  /** Given names, or `'templates'`. */
  readonly entries: readonly string[] | 'templates'
  /** Folders, whether they exist or not. */
  readonly templates: readonly TemplateFolder[]
  /** An origin without a path: `http://127.0.0.1:8000`. */
  readonly proxy: string | undefined
  readonly origins: readonly string[]
  /** Globs; `false` where nothing reloads the page. */
  readonly reload: false | readonly string[]
  readonly ignore: Ignore
  readonly conflicts: 'report' | 'list' | 'error'
  readonly css: 'lightningcss' | 'preserve'
  readonly js: 'modules' | 'source-maps'
  readonly strict: boolean
  /** Where the hash of a file goes: its name, the query of its URLs, or nowhere. */
  readonly hash: false | HashMode
  readonly keepUnhashed: boolean
  readonly link: false | 'symbolic' | 'hard'
  readonly dryRun: boolean
  readonly fileMode: number
  /** `undefined` leaves it to the system. */
  readonly folderMode: number | undefined
  /** An absolute path, or one in `staticRoot`. */
  readonly manifest: string
  readonly compression: Compression
  readonly integrity: boolean
  /** An absolute path. */
  readonly report: string | undefined
  readonly types: string | undefined
}

/**
 * Fills in the defaults.
 * @throws StaticFilesError where an option cannot be used
 */
export function resolveOptions(options: Options, { root, outDir, cssMinify }: Surroundings): ResolvedOptions {
  const staticUrl = options.staticUrl ?? '/static/'
  const staticPath = staticPathOf(staticUrl)
  refuse([
    ...(staticPath === undefined && typeof staticUrl === 'string' ? [staticUrlError(staticUrl)] : []),
    ...shapeErrors(options),
    ...originErrors(options),
    ...contradictions(options),
  ])
  return {
    root,
    staticUrl,
    staticPath: staticPath ?? staticUrl,
    staticRoot: path.resolve(root, options.staticRoot ?? outDir ?? 'staticfiles'),
    finders: [
      new FileSystemFinder(options.dirs ?? [], root),
      new AppDirectoriesFinder(options.apps ?? [], root),
      ...(options.finders ?? []),
    ],
    entries: options.entries ?? [],
    templates: templateFolders(options, root),
    proxy: options.proxy === undefined ? undefined : new URL(options.proxy).origin,
    origins: options.origins ?? [],
    reload: options.reload ?? ['**/*.py'],
    ignore: createIgnore([...defaultIgnore(options.defaultIgnore ?? true), ...(options.ignore ?? [])]),
    conflicts: options.conflicts ?? 'report',
    css: options.css ?? (cssMinify ? 'lightningcss' : 'preserve'),
    js: options.js ?? 'modules',
    strict: options.strict ?? true,
    hash: options.hash === true ? 'name' : (options.hash ?? 'name'),
    keepUnhashed: options.keepUnhashed ?? true,
    link: options.link ?? false,
    dryRun: options.dryRun ?? false,
    fileMode: options.fileMode ?? 0o644,
    folderMode: options.folderMode,
    manifest: options.manifest ?? 'staticfiles.json',
    compression: resolveCompress(options.compress),
    integrity: options.integrity ?? false,
    report: options.report
      ? path.resolve(root, options.report === true ? 'staticfiles-report.html' : options.report)
      : undefined,
    types: options.types ? path.resolve(root, options.types) : undefined,
  }
}

function templateFolders({ templates, apps = [] }: Options, root: string): TemplateFolder[] {
  const folders = [root, ...apps.flatMap(app => appFolders(app, root))]
  const usual = folders.flatMap(folder => [path.join(folder, 'templates'), path.join(folder, 'jinja2')])
  return (templates ?? usual).map(each => {
    const [folder, language] = typeof each === 'string' ? [each, languageOf(each)] : each
    return { folder: path.resolve(root, folder), language }
  })
}

/** Where Django looks for the templates of Jinja in apps. */
function languageOf(folder: string): TemplateLanguage {
  return path.basename(folder) === 'jinja2' ? 'jinja2' : 'any'
}

function defaultIgnore(wanted: boolean | readonly string[]): readonly string[] {
  if (typeof wanted === 'boolean') return wanted ? DEFAULT_IGNORE : []
  return DEFAULT_IGNORE.filter(pattern => wanted.includes(pattern))
}
