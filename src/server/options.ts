import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { staticPathOf, staticUrlError } from '../base/static-url.ts'

/** What the header hook is told of a file. */
export interface ServedFile {
  /** The name below the static root: `css/site.5e0ae9b8c71d.css`. */
  readonly name: string
  /** `'text/css;charset=utf-8'` */
  readonly contentType: string
  /** Whether its name stands for its bytes, so that it is cached for good. */
  readonly immutable: boolean
}

/** How static files are served; the names in brackets are WhiteNoise's. */
export interface ServerOptions {
  /** The folder that `vite build` fills: `STATIC_ROOT`. */
  root: string

  /**
   * Where the files lie: a path, or the origin of a CDN with a path, as in the options of the build. It ends in a slash. It is
   * `'/'` where a framework takes the path away before it asks the handler.
   * @default '/static/'
   */
  staticUrl?: string

  /**
   * The manifest's path in `root`; `false` where there is none, so that no name counts as hashed.
   * @default 'staticfiles.json'
   */
  manifest?: string | false

  /**
   * How long browsers and caches keep files whose names carry no hash, in seconds (`WHITENOISE_MAX_AGE`). Those with hashes are
   * kept for a year.
   * @default 60
   */
  maxAge?: number

  /**
   * How many bytes of files are kept in memory. Files larger than an eighth of it are read from the disk each time.
   * @default 33554432, which is 32 MiB
   */
  memory?: number

  /**
   * Whether pages of every origin may use the files: `Access-Control-Allow-Origin: *` (`WHITENOISE_ALLOW_ALL_ORIGINS`). Fonts and
   * modules need it where the files have another origin than the page.
   * @default true
   */
  cors?: boolean

  /**
   * More headers for a file, or others: what it returns comes before what would be sent (`WHITENOISE_ADD_HEADERS_FUNCTION`).
   * `undefined` takes a header away. Called when a variant of a file is first asked for.
   * @default none
   */
  headers?: (file: ServedFile) => Readonly<Record<string, string | undefined>>

  /**
   * The file that a folder's URL answers, such as `'index.html'` (`WHITENOISE_INDEX_FILE`). The URL without its slash, and that of
   * the file, are redirected to it.
   * @default false
   */
  index?: string | false

  /**
   * A folder of files that lie at `/`: `robots.txt`, `favicon.ico` (`WHITENOISE_ROOT`).
   * @default none
   */
  rootFiles?: string

  /**
   * Whether a name that is not there is left to whoever comes next, instead of being answered with 404.
   * @default false, unless `staticUrl` is `'/'`
   */
  fallthrough?: boolean

  /**
   * Whether the handler looks each second if the manifest has changed, and then serves the new release.
   * @default false
   */
  reload?: boolean
}

/** {@link ServerOptions} with all paths absolute and every default filled in. */
export interface ResolvedServerOptions {
  readonly root: string
  /** The decoded path of `staticUrl`. */
  readonly staticPath: string
  /** An absolute path. */
  readonly manifest: string | false
  readonly maxAge: number
  readonly memory: number
  readonly cors: boolean
  readonly headers: ServerOptions['headers'] | undefined
  readonly index: string | false
  readonly rootFiles: string | undefined
  readonly fallthrough: boolean
  readonly reload: boolean
}

/**
 * Fills in the defaults.
 * @throws StaticFilesError that names everything wrong at once
 */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  const {
    root,
    staticUrl = '/static/',
    manifest = 'staticfiles.json',
    maxAge = 60,
    memory = 32 * 1024 * 1024,
  } = options
  const staticPath = decodedPath(staticUrl)
  const problems = [
    ...(typeof root === 'string' && root !== ''
      ? []
      : ["`root` is the folder that `vite build` fills: { root: 'staticfiles' }"]),
    ...(staticPath === undefined ? [staticUrlError(staticUrl)] : []),
    ...(Number.isSafeInteger(maxAge) && maxAge >= 0
      ? []
      : [`\`maxAge\` is a number of seconds, not ${maxAge}`]),
    ...(Number.isFinite(memory) && memory >= 0 ? [] : [`\`memory\` is a number of bytes, not ${memory}`]),
  ]
  if (problems.length > 0) throw new StaticFilesError(problems.join('\n'))
  return {
    root: path.resolve(root),
    staticPath: staticPath!,
    manifest: manifest && path.resolve(root, manifest),
    ...{ maxAge, memory },
    cors: options.cors ?? true,
    headers: options.headers,
    index: options.index ?? false,
    rootFiles: options.rootFiles === undefined ? undefined : path.resolve(options.rootFiles),
    fallthrough: options.fallthrough ?? staticPath === '/',
    reload: options.reload ?? false,
  }
}

function decodedPath(staticUrl: string): string | undefined {
  try {
    return decodeURI(staticPathOf(staticUrl) ?? '') || undefined
  } catch {
    return undefined
  }
}
