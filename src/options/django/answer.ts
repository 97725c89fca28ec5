import type { TemplateLanguage } from '../../references/templates/scan.ts'

/** What `ask.py` prints after `django.setup()`. */
export interface DjangoAnswer {
  /** The path of the Python that answered. */
  readonly executable: string
  /** The version of Python. */
  readonly python: string
  /** The version of Django. */
  readonly django: string
  /** The dotted name of the settings module. */
  readonly settings: string | null
  readonly debug: boolean
  readonly staticUrl: string
  /** An absolute path, or `null` if `STATIC_ROOT` is not set or empty. */
  readonly staticRoot: string | null
  readonly storage: DjangoStorage
  /** Why Django cannot make the storage, so that only its class is known; `null` if it can. */
  readonly storageProblem: string | null
  /** The finders, in the order of `STATICFILES_FINDERS`. */
  readonly finders: readonly DjangoFinder[]
  /** The patterns of `StaticFilesConfig.ignore_patterns`. */
  readonly ignorePatterns: readonly string[]
  /** The folders of all engines, whether they exist or not, each with its language. */
  readonly templates: readonly (readonly [folder: string, language: TemplateLanguage])[]
  /** All `WHITENOISE_…` settings. */
  readonly whitenoise: Readonly<Record<string, unknown>>
  /** The folders of `INSTALLED_APPS`. */
  readonly apps: readonly string[]
  /** What the site itself writes: uploads, and databases that are files. */
  readonly irreplaceable: readonly (readonly [path: string, setting: string])[]
  /** The warnings of Django's checks, and of template loaders that do not say where they look. */
  readonly warnings: readonly string[]
}

/** The storage of `STORAGES["staticfiles"]`. */
export interface DjangoStorage {
  readonly class: string
  /** The class and its base classes, in the order in which Python looks for a method. */
  readonly bases: readonly string[]
  /** Whether it keeps files in a folder of this machine, and not in a bucket. */
  readonly isLocal: boolean
  /** Whether `{% static %}` reads a manifest. */
  readonly isManifest: boolean
  readonly manifestName: string | null
  readonly manifestStrict: boolean | null
  /** The folder of the manifest, or `null` if it does not lie in a folder. */
  readonly manifestFolder: string | null
  /** The modes of `FILE_UPLOAD_PERMISSIONS` and `FILE_UPLOAD_DIRECTORY_PERMISSIONS`; `null` leaves them to the umask. */
  readonly fileMode: number | null
  readonly folderMode: number | null
  /** The steps of collecting that the project's own code overrides: `file_hash`, `post_process` … */
  readonly ownWays: readonly string[]
}

/** A finder: the folders that it searches, or the files that it lists if it does more than search folders. */
export type DjangoFinder = { readonly class: string } & (
  | { readonly kind: 'dirs'; readonly dirs: readonly (readonly [prefix: string, folder: string])[] }
  | { readonly kind: 'apps'; readonly folder: string }
  | {
      readonly kind: 'list'
      readonly files: readonly (readonly [name: string, source: string])[]
      readonly locations: readonly (readonly [prefix: string, folder: string])[]
    }
)

/** What an answer depends on. */
export interface Reads {
  /** Absolute paths of the settings, the modules that they import, `apps.py`, `.env` …, whether they exist or not. */
  readonly files: readonly string[]
  /** Names of environment variables; `*` stands for all of them. */
  readonly environ: readonly string[]
  /** What else the settings asked, which may answer differently the next time: a program, a server, a database. */
  readonly others: readonly string[]
  /** Folders and files that change with the installed packages. */
  readonly packages: readonly string[]
}
