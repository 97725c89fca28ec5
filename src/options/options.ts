import type { Finder } from '../finders/finders.ts'
import type { TemplateLanguage } from '../references/templates/scan.ts'
import type { CompressOptions } from './compression.ts'

/** Where static files come from, what is built of them, and where the result goes. */
export interface Options {
  /**
   * Django's `manage.py`, relative to Vite's root: the project's own Python is asked for everything that settings say
   * of static files, and options that are not given follow it. An option that is given wins.
   * @default false
   */
  django?: false | string | DjangoOptions

  /**
   * The URL of {@link Options.staticRoot}, with a slash at the end: a path or the origin of a CDN
   * (Django's `STATIC_URL`).
   * @default '/static/'
   */
  staticUrl?: string

  /**
   * The folder that `vite build` fills (Django's `STATIC_ROOT`), relative to Vite's root.
   * @default Vite's `build.outDir` where it is set, otherwise 'staticfiles'
   */
  staticRoot?: string

  /**
   * Folders of static files, each plain or as `[prefix, folder]` (Django's `STATICFILES_DIRS`),
   * relative to Vite's root.
   * @default []
   */
  dirs?: readonly (string | readonly [prefix: string, folder: string])[]

  /**
   * Folders of Django apps, or globs of them; the static files lie in each one's `static/`
   * (Django's `AppDirectoriesFinder` over `INSTALLED_APPS`, whose order this list keeps).
   * @default []
   */
  apps?: readonly string[]

  /**
   * Finders of your own, asked after `dirs` and `apps`.
   * @default []
   */
  finders?: readonly Finder[]

  /**
   * Static names that the bundler builds instead of copying: names that a finder has, or paths
   * relative to Vite's root. `'templates'` takes those that {@link Options.templates} name in `{% static %}` and that
   * no browser reads as they are (TypeScript, SCSS …), and checks that every name in them exists.
   * @default []
   */
  entries?: readonly string[] | 'templates'

  /**
   * Folders of templates, relative to Vite's root, each plain or as `[folder, language]`: a plain one named `jinja2` is
   * Jinja's, and in any other the text of each template tells. `vite dev` reloads the page when one of their files
   * changes.
   * @default 'templates' and 'jinja2' in Vite's root and in each of `apps`
   */
  templates?: readonly (string | readonly [folder: string, language: TemplateLanguage])[]

  /**
   * The origin of Django's server: `vite dev` hands it every request outside `staticUrl`, so that the whole site is
   * open on Vite's port. Without it pages are open on Django's port, and `STATIC_URL` names Vite's.
   * @default none
   */
  proxy?: string

  /**
   * Origins, besides those of this machine, whose pages may use the files of `vite dev`: `http://mysite.test:8000`.
   * @default []
   */
  origins?: readonly string[]

  /**
   * Globs, relative to Vite's root, of files whose change reloads the page in `vite dev`, besides templates and static
   * files. After the change of a `.py` file it waits until Django is back. `false` leaves all reloading, that of
   * templates and static files too, to the user; modules are still swapped.
   * @default ['**\/*.py']
   */
  reload?: false | readonly string[]

  /**
   * Patterns of files that are not collected, as `collectstatic --ignore` takes them.
   * @default []
   */
  ignore?: readonly string[]

  /**
   * Whether `CVS`, `.*` and `*~` are ignored too; a list keeps only those of the three that it names
   * (`false` is `collectstatic --no-default-ignore`).
   * @default true
   */
  defaultIgnore?: boolean | readonly ('CVS' | '.*' | '*~')[]

  /**
   * What two different files of one name are: `'report'` takes the first and counts the others,
   * `'list'` also prints them, `'error'` fails the build.
   * @default 'report'
   */
  conflicts?: 'report' | 'list' | 'error'

  /**
   * How collected stylesheets that refer to other files are written: `'lightningcss'` rewrites and
   * minifies them for Vite's `build.cssTarget`; `'preserve'` changes nothing but the references,
   * byte for byte as Django's `ManifestStaticFilesStorage` does.
   * @default 'lightningcss' where Vite's `build.cssMinify` is on, otherwise 'preserve'
   */
  css?: 'lightningcss' | 'preserve'

  /**
   * Which references of collected scripts are rewritten: `'modules'` are imports, re-exports, `import()` and
   * `new URL('…', import.meta.url)`, and source maps; `'source-maps'` are those alone, as Django does unless
   * `support_js_module_import_aggregation` is set.
   * @default 'modules'
   */
  js?: 'modules' | 'source-maps'

  /**
   * Whether a reference to a file that does not exist fails the build. With `false` it is left as it is, with a
   * warning. (A missing source map never fails the build: its comment is dropped.)
   * @default true
   */
  strict?: boolean

  /**
   * Whether names get a hash of the content. `false` is `collectstatic --no-post-process`; with `'query'` names stay as
   * they are, and URLs in files, and those of {@link Manifest.url}, end in `?v=` and the hash.
   * @default true
   */
  hash?: boolean | 'query'

  /**
   * Whether each collected file is also written under its plain name, as Django does. `false` is WhiteNoise's
   * `WHITENOISE_KEEP_ONLY_HASHED_FILES`.
   * @default true
   */
  keepUnhashed?: boolean

  /**
   * Whether collected files that need no rewriting are linked to their sources instead of copied
   * (`'symbolic'` is `collectstatic --link`).
   * @default false
   */
  link?: false | 'symbolic' | 'hard'

  /**
   * Whether everything is checked and reported, and nothing written.
   * @default false
   */
  dryRun?: boolean

  /**
   * The mode of files, as in `0o644` (Django's `FILE_UPLOAD_PERMISSIONS`).
   * @default 0o644
   */
  fileMode?: number

  /**
   * The mode of folders that are made, as in `0o755` (Django's `FILE_UPLOAD_DIRECTORY_PERMISSIONS`).
   * @default what the system gives
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
   * ignores it; {@link Manifest.integrity} reads it. It costs another hash over every byte.
   * @default false
   */
  integrity?: boolean

  /**
   * A page to write after each build, relative to Vite's root: sizes, duplicates, what is hidden or broken; `true` is
   * 'staticfiles-report.html'.
   * @default false
   */
  report?: boolean | string

  /**
   * A declaration file to write, relative to Vite's root: it makes a wrong name in `Manifest.url()` a type error.
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
   * @default the first of: a virtual environment beside `manage.py` or above it in the repository, `VIRTUAL_ENV`, uv,
   * poetry, `python3`
   */
  python?: string

  /**
   * The dotted name of the settings module.
   * @default what `manage.py` or `DJANGO_SETTINGS_MODULE` says
   */
  settings?: string

  /**
   * Variables for Python's environment, besides those of this process.
   * @default {}
   */
  env?: Readonly<Record<string, string>>
}
