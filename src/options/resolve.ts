import path from 'node:path'
import { staticPathOf } from '../base/static-url.ts'
import type { HashMode } from '../base/stored-file.ts'
import type { FoundApp } from '../finders/apps.ts'
import { FileSystemFinder, type Finder, LocationFinder } from '../finders/finders.ts'
import { createIgnore, DEFAULT_IGNORE, type Ignore } from '../finders/ignore.ts'
import type { TemplateFolder } from '../references/templates/read.ts'
import type { TemplateLanguage } from '../references/templates/scan.ts'
import { type Compression, resolveCompress } from './compression.ts'
import type { Options } from './options.ts'

/** What the bundler knows: its root, and what it decides if the options do not. */
export interface Surroundings {
  /** An absolute path. */
  readonly root: string
  /** The bundler's output folder, if the user set one. */
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
  /** The items of `apps`, and the folders that they stood for when somebody looked. */
  readonly apps: readonly FoundApp[]
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
 * Fills in the defaults of options that have been validated. It looks at no file, and cannot fail.
 * @param apps what the options' `apps` stand for
 */
export function resolve(
  options: Options,
  { root, outDir, cssMinify }: Surroundings,
  apps: readonly FoundApp[],
): ResolvedOptions {
  const staticUrl = options.staticUrl ?? '/static/'
  return {
    root,
    staticUrl,
    staticPath: staticPathOf(staticUrl) ?? staticUrl,
    staticRoot: path.resolve(root, options.staticRoot || outDir || 'staticfiles'),
    apps,
    finders: [
      new FileSystemFinder(options.dirs ?? [], root),
      new LocationFinder(apps.flatMap(app => app.locations)),
      ...(options.finders ?? []),
    ],
    entries: options.entries ?? [],
    templates: templateFolders(options.templates, root, apps),
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

function templateFolders(
  templates: Options['templates'],
  root: string,
  apps: readonly FoundApp[],
): TemplateFolder[] {
  const folders = [root, ...apps.flatMap(app => app.folders)]
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

function defaultIgnore(option: boolean | readonly string[]): readonly string[] {
  if (typeof option === 'boolean') return option ? DEFAULT_IGNORE : []
  return DEFAULT_IGNORE.filter(pattern => option.includes(pattern))
}
