import type { Finder } from '../finders/finders.ts'
import type { TemplateLanguage } from '../references/templates/scan.ts'
import type { CompressOptions } from './compression.ts'

/** Where static files come from, what is built from them, and where the result goes. */
export interface Options {
  /**
   * Django's `manage.py`, relative to Vite's root. The plugin asks the project's own Python what the settings say about
   * static files, and fills in the options that are not given. An option that is given wins.
   * @default false
   */
  django?: false | string | DjangoOptions

  /**
   * The URL of {@link Options.staticRoot}, with a slash at the end: a path, or the origin of a CDN (Django's
   * `STATIC_URL`).
   * @default '/static/'
   */
  staticUrl?: string

  /**
   * The folder that `vite build` fills (Django's `STATIC_ROOT`), relative to Vite's root.
   * @default Vite's `build.outDir` if it is set, otherwise 'staticfiles'
   */
  staticRoot?: string

  /**
   * Folders of static files, relative to Vite's root, each as a path or as `[prefix, folder]` (Django's
   * `STATICFILES_DIRS`).
   * @default []
   */
  dirs?: readonly (string | readonly [prefix: string, folder: string])[]

  /**
   * Folders of Django apps, or globs of them. Each app has its static files in `static/`. List them in the order of
   * `INSTALLED_APPS`: the first app that has a name wins (Django's `AppDirectoriesFinder`).
   * @default []
   */
  apps?: readonly string[]

  /**
   * Finders of your own. They are searched after `dirs` and `apps`.
   * @default []
   */
  finders?: readonly Finder[]

  /**
   * Static names that the bundler builds, instead of copying their files: names that a finder has, or paths relative to
   * Vite's root. `'templates'` takes those that {@link Options.templates} name in `{% static %}` and that browsers
   * cannot read (TypeScript, SCSS …), and checks that every name in the templates exists.
   * @default []
   */
  entries?: readonly string[] | 'templates'

  /**
   * Folders of templates, relative to Vite's root, each as a path or as `[folder, language]`. Without a language, a
   * folder named `jinja2` holds templates of Jinja; in any other folder the text of each template shows its language.
   * `vite dev` reloads the page when a template changes.
   * @default 'templates' and 'jinja2' in Vite's root and in each of `apps`
   */
  templates?: readonly (string | readonly [folder: string, language: TemplateLanguage])[]

  /**
   * The origin of Django's server. `vite dev` passes every request outside `staticUrl` on to it, so that the whole site
   * is served on Vite's port. Without a proxy you open pages on Django's port, and `STATIC_URL` names Vite's.
   * @default none
   */
  proxy?: string

  /**
   * Origins, besides those of this machine, whose pages may use the files of `vite dev`: `http://mysite.test:8000`.
   * @default []
   */
  origins?: readonly string[]

  /**
   * Globs, relative to Vite's root, of files that reload the page in `vite dev` when they change, besides templates and
   * static files. If a `.py` file has changed, the reload waits until Django is back. With `false` the plugin reloads
   * no page, not even for templates and static files; Vite still swaps modules.
   * @default ['**\/*.py']
   */
  reload?: false | readonly string[]

  /**
   * Patterns of files that are not collected, as for `collectstatic --ignore`.
   * @default []
   */
  ignore?: readonly string[]

  /**
   * Whether `CVS`, `.*` and `*~` are ignored too. A list ignores only those of the three that it names. `false` is
   * `collectstatic --no-default-ignore`.
   * @default true
   */
  defaultIgnore?: boolean | readonly ('CVS' | '.*' | '*~')[]

  /**
   * What happens if different files have one name: `'report'` takes the first and counts the others, `'list'` also
   * prints them, `'error'` fails the build.
   * @default 'report'
   */
  conflicts?: 'report' | 'list' | 'error'

  /**
   * How collected stylesheets that refer to other files are written: `'lightningcss'` rewrites and minifies them for
   * Vite's `build.cssTarget`; `'preserve'` changes only the references, byte for byte as Django's
   * `ManifestStaticFilesStorage` does.
   * @default 'lightningcss' if Vite's `build.cssMinify` is on, otherwise 'preserve'
   */
  css?: 'lightningcss' | 'preserve'

  /**
   * Which references in collected scripts are rewritten: `'modules'` rewrites imports, re-exports, `import()`,
   * `new URL('…', import.meta.url)`, and source maps; `'source-maps'` rewrites source maps alone, as Django does unless
   * `support_js_module_import_aggregation` is set.
   * @default 'modules'
   */
  js?: 'modules' | 'source-maps'

  /**
   * Whether a reference to a missing file fails the build. With `false` the reference stays as it is, and the build
   * warns. (A missing source map never fails the build: the plugin removes its comment.)
   * @default true
   */
  strict?: boolean

  /**
   * Whether names contain a hash of the content. `false` is `collectstatic --no-post-process`. With `'query'` names stay
   * as they are; URLs in files, and those of {@link Manifest.url}, end in `?v=` and the hash.
   * @default true
   */
  hash?: boolean | 'query'

  /**
   * Whether the build also writes each collected file under its plain name, as Django does. `false` is WhiteNoise's
   * `WHITENOISE_KEEP_ONLY_HASHED_FILES`.
   * @default true
   */
  keepUnhashed?: boolean

  /**
   * Whether collected files without rewritten references are links to their sources, instead of copies. `'symbolic'` is
   * `collectstatic --link`.
   * @default false
   */
  link?: false | 'symbolic' | 'hard'

  /**
   * Whether the build checks and reports everything, and writes nothing.
   * @default false
   */
  dryRun?: boolean

  /**
   * The mode of files, as in `0o644` (Django's `FILE_UPLOAD_PERMISSIONS`).
   * @default 0o644
   */
  fileMode?: number

  /**
   * The mode of the folders that the build makes, as in `0o755` (Django's `FILE_UPLOAD_DIRECTORY_PERMISSIONS`).
   * @default the system's
   */
  folderMode?: number

  /**
   * The manifest's path in `staticRoot` (`ManifestStaticFilesStorage.manifest_name`).
   * @default 'staticfiles.json'
   */
  manifest?: string

  /**
   * The compressed siblings; `false` writes none.
   * @default { gzip: true, brotli: true, zstd: false }
   */
  compress?: false | CompressOptions

  /**
   * Whether the manifest also has the SHA-384 of every file, for the `integrity` of `<script>` and `<link>`. Django
   * ignores it; {@link Manifest.integrity} reads it. The build then hashes every byte once more.
   * @default false
   */
  integrity?: boolean

  /**
   * The HTML file of the report that each build writes, relative to Vite's root: sizes, duplicates, hidden files, broken
   * references. `true` is 'staticfiles-report.html'.
   * @default false
   */
  report?: boolean | string

  /**
   * The declaration file that each build writes, relative to Vite's root. With it, a wrong name in `Manifest.url()` is a
   * type error.
   * @default false
   */
  types?: false | string
}

/** Which Django is asked, and with which Python. */
export interface DjangoOptions {
  /**
   * The path of `manage.py`, relative to Vite's root.
   * @default 'manage.py'
   */
  manage?: string

  /**
   * The project's Python: a path or a command, or the folder of a virtual environment.
   * @default the first of these that exists: a virtual environment beside `manage.py` or above it in the repository,
   * `VIRTUAL_ENV`, uv's, poetry's, `python3`
   */
  python?: string

  /**
   * The dotted name of the settings module.
   * @default the one that `manage.py` or `DJANGO_SETTINGS_MODULE` names
   */
  settings?: string

  /**
   * Environment variables for Python, besides those of this process.
   * @default {}
   */
  env?: Readonly<Record<string, string>>
}
