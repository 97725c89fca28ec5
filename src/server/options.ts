import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { staticPathOf, staticUrlProblem } from '../base/static-url.ts'

/** The file that the option `headers` is called with. */
export interface ServedFile {
  /** The name below the static root: `css/site.5e0ae9b8c71d.css`. */
  readonly name: string
  /** `'text/css;charset=utf-8'` */
  readonly contentType: string
  /** Whether its name contains its hash, so that it is cached forever. */
  readonly immutable: boolean
}

/** How static files are served; the names in brackets are WhiteNoise's settings. */
export interface ServerOptions {
  /** The folder that `vite build` fills: `STATIC_ROOT`. */
  root: string

  /**
   * The URL below which the files lie: a path, or the origin of a CDN with a path, the same as in the plugin's options. It ends in a
   * slash. It is `'/'` if a framework removes the path before it calls the handler.
   * @default '/static/'
   */
  staticUrl?: string

  /**
   * The manifest's path in `root`; `false` if there is none, and then no name counts as hashed.
   * @default 'staticfiles.json'
   */
  manifest?: string | false

  /**
   * How long browsers and caches keep files without a hash in their names, in seconds (`WHITENOISE_MAX_AGE`). Files with one are kept
   * for a year.
   * @default 60
   */
  maxAge?: number

  /**
   * How many bytes of files are kept in memory. Files larger than an eighth of that are read from the disk for each request.
   * @default 33554432, which is 32 MiB
   */
  memory?: number

  /**
   * Whether pages of every origin may use the files: `Access-Control-Allow-Origin: *` (`WHITENOISE_ALLOW_ALL_ORIGINS`). Fonts and
   * modules need it if the files have another origin than the page.
   * @default true
   */
  cors?: boolean

  /**
   * Adds headers to a file, or changes them: what it returns replaces what would be sent (`WHITENOISE_ADD_HEADERS_FUNCTION`).
   * `undefined` removes a header. It is called on the first request for a variant of a file.
   * @default none
   */
  headers?: (file: ServedFile) => Readonly<Record<string, string | undefined>>

  /**
   * The file that a folder's URL serves, such as `'index.html'` (`WHITENOISE_INDEX_FILE`). The URL without its slash, and that of
   * the file, redirect to the folder's URL.
   * @default false
   */
  index?: string | false

  /**
   * A folder of files that are served at `/`: `robots.txt`, `favicon.ico` (`WHITENOISE_ROOT`).
   * @default none
   */
  rootFiles?: string

  /**
   * Whether a request for a missing file is passed on to the next handler, instead of getting a 404.
   * @default false, unless `staticUrl` is `'/'`
   */
  fallthrough?: boolean

  /**
   * Whether the handler checks each second if the manifest has changed, and then serves the new release.
   * @default false
   */
  reload?: boolean
}

/** {@link ServerOptions} with all paths absolute and every default filled in. */
export interface ResolvedServerOptions {
  readonly root: string
  /** The path of `staticUrl`, decoded. */
  readonly staticPath: string
  /** The manifest's absolute path. */
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
 * Validates the options and fills in the defaults.
 * @throws StaticFilesError naming all problems at once
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
    ...(staticPath === undefined ? [staticUrlProblem(staticUrl)] : []),
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
    maxAge,
    memory,
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
