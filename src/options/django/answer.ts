import type { TemplateLanguage } from '../../references/templates/scan.ts'

/** What `ask.py` prints after `django.setup()`. */
export interface DjangoAnswer {
  /** The Python that answered. */
  readonly executable: string
  readonly python: string
  /** Django's version. */
  readonly django: string
  /** The dotted name of the settings module. */
  readonly settings: string | null
  readonly debug: boolean
  readonly staticUrl: string
  /** An absolute path, or `null` if `STATIC_ROOT` is not set or empty. */
  readonly staticRoot: string | null
  readonly storage: DjangoStorage
  /** Why Django cannot make the storage, and only its class is known. */
  readonly storageProblem: string | null
  /** In the order of `STATICFILES_FINDERS`. */
  readonly finders: readonly DjangoFinder[]
  /** `StaticFilesConfig.ignore_patterns`. */
  readonly ignorePatterns: readonly string[]
  /** The folders of all engines, whether they exist or not, each with its language. */
  readonly templates: readonly (readonly [folder: string, language: TemplateLanguage])[]
  /** All `WHITENOISE_…` settings. */
  readonly whitenoise: Readonly<Record<string, unknown>>
  /** The folders of `INSTALLED_APPS`. */
  readonly apps: readonly string[]
  /** What Django's checks warn of, and template loaders that do not say where they look. */
  readonly warnings: readonly string[]
}

/** `STORAGES["staticfiles"]`. */
export interface DjangoStorage {
  readonly class: string
  /** The classes it is made of, itself first. */
  readonly bases: readonly string[]
  /** Whether it keeps files in a folder of this machine, and not in a bucket. */
  readonly isLocal: boolean
  /** Whether `{% static %}` reads a manifest. */
  readonly isManifest: boolean
  readonly manifestName: string | null
  readonly manifestStrict: boolean | null
  /** Where the manifest lies; `null` where that is not a folder. */
  readonly manifestFolder: string | null
  /** `FILE_UPLOAD_PERMISSIONS` and `FILE_UPLOAD_DIRECTORY_PERMISSIONS`; `null` leaves them to the umask. */
  readonly fileMode: number | null
  readonly folderMode: number | null
  /** What the project's own code does in its own way when files are collected: `file_hash`, `post_process` … */
  readonly ownWays: readonly string[]
}

/** A finder: the folders it searches, or, where it does more than search folders, the files that it lists. */
export type DjangoFinder = { readonly class: string } & (
  | { readonly kind: 'dirs'; readonly dirs: readonly (readonly [prefix: string, folder: string])[] }
  | { readonly kind: 'apps'; readonly folder: string }
  | {
      readonly kind: 'list'
      readonly files: readonly (readonly [name: string, source: string])[]
      readonly locations: readonly (readonly [prefix: string, folder: string])[]
    }
)

/** What the answer depends on. */
export interface Reads {
  /** Absolute paths of settings, the modules that they import, `apps.py`, `.env` …, whether they exist or not. */
  readonly files: readonly string[]
  /** Names of environment variables; `*` stands for all of them. */
  readonly environ: readonly string[]
  /** Who else was asked, and may answer otherwise the next time: a program, a server, a database. */
  readonly others: readonly string[]
  /** Folders and files that change with the installed packages. */
  readonly packages: readonly string[]
}
