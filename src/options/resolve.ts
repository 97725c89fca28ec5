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

/** What the bundler's configuration says: its root, and the defaults that depend on it. */
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
  /** The items of `apps`, with the folders that each one matched when they were looked for. */
  readonly apps: readonly FoundApp[]
  readonly finders: readonly Finder[]
  /** The names that the user lists, or `'templates'`. */
  readonly entries: readonly string[] | 'templates'
  /** The folders of templates, whether they exist or not. */
  readonly templates: readonly TemplateFolder[]
  /** The origin of Django's server: `http://127.0.0.1:8000`. */
  readonly proxy: string | undefined
  readonly origins: readonly string[]
  /** Globs, or `false` if nothing reloads the page. */
  readonly reload: false | readonly string[]
  readonly ignore: Ignore
  readonly conflicts: 'report' | 'list' | 'error'
  readonly css: 'lightningcss' | 'preserve'
  readonly js: 'modules' | 'source-maps'
  readonly strict: boolean
  /** Whether the hash of a file is in its name, in the query of its URLs, or nowhere. */
  readonly hash: false | HashMode
  readonly keepUnhashed: boolean
  readonly link: false | 'symbolic' | 'hard'
  readonly dryRun: boolean
  readonly fileMode: number
  /** `undefined` leaves it to the system. */
  readonly folderMode: number | undefined
  /** An absolute path, or a path in `staticRoot`. */
  readonly manifest: string
  readonly compression: Compression
  readonly integrity: boolean
  /** An absolute path. */
  readonly report: string | undefined
  readonly types: string | undefined
}

/**
 * Fills in the defaults of options that have been validated. It looks at no file, and cannot fail.
 * @param apps the folders that the options' `apps` match
 */
export function resolve(
  asked: Options,
  { root, outDir, cssMinify }: Surroundings,
  apps: readonly FoundApp[],
): ResolvedOptions {
  const staticUrl = asked.staticUrl ?? '/static/'
  return {
    root,
    staticUrl,
    staticPath: staticPathOf(staticUrl) ?? staticUrl,
    staticRoot: path.resolve(root, asked.staticRoot || outDir || 'staticfiles'),
    apps,
    finders: [
      new FileSystemFinder(asked.dirs ?? [], root),
      new LocationFinder(apps.flatMap(app => app.locations)),
      ...(asked.finders ?? []),
    ],
    entries: asked.entries ?? [],
    templates: templateFolders(asked.templates, root, apps),
    proxy: asked.proxy === undefined ? undefined : new URL(asked.proxy).origin,
    origins: asked.origins ?? [],
    reload: asked.reload ?? ['**/*.py'],
    ignore: createIgnore([...defaultIgnore(asked.defaultIgnore ?? true), ...(asked.ignore ?? [])]),
    conflicts: asked.conflicts ?? 'report',
    css: asked.css ?? (cssMinify ? 'lightningcss' : 'preserve'),
    js: asked.js ?? 'modules',
    strict: asked.strict ?? true,
    hash: asked.hash === true ? 'name' : (asked.hash ?? 'name'),
    keepUnhashed: asked.keepUnhashed ?? true,
    link: asked.link ?? false,
    dryRun: asked.dryRun ?? false,
    fileMode: asked.fileMode ?? 0o644,
    folderMode: asked.folderMode,
    manifest: asked.manifest ?? 'staticfiles.json',
    compression: resolveCompress(asked.compress),
    integrity: asked.integrity ?? false,
    report: asked.report
      ? path.resolve(root, asked.report === true ? 'staticfiles-report.html' : asked.report)
      : undefined,
    types: asked.types ? path.resolve(root, asked.types) : undefined,
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

/** Returns the language of a folder's templates: in apps Django looks for those of Jinja in `jinja2`. */
function languageOf(folder: string): TemplateLanguage {
  return path.basename(folder) === 'jinja2' ? 'jinja2' : 'any'
}

function defaultIgnore(option: boolean | readonly string[]): readonly string[] {
  if (typeof option === 'boolean') return option ? DEFAULT_IGNORE : []
  return DEFAULT_IGNORE.filter(pattern => option.includes(pattern))
}
