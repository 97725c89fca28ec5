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
  /** An absolute path; `null` where `STATIC_ROOT` is not set. */
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
}

/** `STORAGES["staticfiles"]`. */
export interface DjangoStorage {
  readonly class: string
  /** The classes it is made of, itself first. */
  readonly bases: readonly string[]
  /** Whether `{% static %}` reads a manifest. */
  readonly isManifest: boolean
  readonly manifestName: string | null
  readonly manifestStrict: boolean | null
  /** Where the manifest lies; `null` where that is not a folder. */
  readonly manifestFolder: string | null
  /** `FILE_UPLOAD_PERMISSIONS` and `FILE_UPLOAD_DIRECTORY_PERMISSIONS`; `null` leaves them to the umask. */
  readonly fileMode: number | null
  readonly folderMode: number | null
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
  /** Names of environment variables. */
  readonly environ: readonly string[]
  /** Folders and files that change with the installed packages. */
  readonly packages: readonly string[]
}
