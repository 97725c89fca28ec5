import { statSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { StaticFilesError } from '../../base/errors.ts'
import { hashFile } from '../../base/files/hash-file.ts'
import { hashedName } from '../../base/names.ts'
import { splitFragment, splitUrl, strip, unquote, unsplitUrl } from '../../base/python/url.ts'
import { type JoinUrl, urlJoiner } from '../../base/static-url.ts'
import { withVersion } from '../../base/stored-file.ts'
import { nearestNames } from '../../base/text/nearest-names.ts'
import { type ManifestContent, readManifest } from './manifest-file.ts'
import type { StaticName } from './type-names.ts'

export { type ManifestPaths, manifestText, writeManifest } from './manifest-file.ts'
export { namesDeclaration, type StaticName, type StaticNames } from './type-names.ts'

/** The options of {@link Manifest.load}. */
export interface ManifestOptions {
  /**
   * The URL of the manifest's folder, with a slash at the end: a path or the origin of a CDN (Django's
   * {@link https://docs.djangoproject.com/en/stable/ref/settings/#static-url STATIC_URL}).
   * @default '/static/'
   */
  staticUrl?: string

  /**
   * Whether a name that the manifest does not have is an error (Django's
   * {@link https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#django.contrib.staticfiles.storage.ManifestStaticFilesStorage.manifest_strict manifest_strict}).
   * With `false` such a name is hashed from the file beside the manifest. If that file is missing too, the name stays
   * plain, so that a page lacks an image instead of failing (Django fails).
   * @default true
   */
  strict?: boolean

  /**
   * Whether each look-up first checks if the manifest's file has changed, and reads it again if so. While the file is
   * half-written or gone, the last good manifest stays in use.
   * @default false
   */
  reload?: boolean
}

/** Returns a manifest's content, from a file that is read once, or again whenever it changes. */
type Read = () => ManifestContent

/** Returns the stored name of a name that the manifest lacks, or throws. */
type Fallback = (name: string, content: ManifestContent) => string

/**
 * Gives code that runs in Node the URLs that Django's `{% static %}` gives to templates: for a server that renders pages,
 * or a test.
 *
 * ```ts
 * const manifest = Manifest.load('staticfiles/staticfiles.json')
 * manifest.url('css/site.css') // '/static/css/site.3f9a6f21c0de.css'
 * ```
 */
export class Manifest {
  readonly #read: Read
  readonly #fallback: Fallback
  readonly #join: JoinUrl
  readonly #identity: boolean

  private constructor(staticUrl: string | undefined, read: Read, fallback?: Fallback) {
    this.#read = read
    this.#fallback = fallback ?? (name => name)
    this.#join = urlJoiner(staticUrl)
    this.#identity = fallback === undefined
  }

  /**
   * Reads a manifest that `vite build` or Django's `collectstatic` wrote.
   * @throws {@link StaticFilesError} if the file is missing or cannot be read, or `staticUrl` lacks its last slash
   */
  static load(file: string, options: ManifestOptions = {}): Manifest {
    const { staticUrl, strict = true, reload = false } = options
    const fallback = strict ? missing(file) : hashedOnDisk(dirname(file))
    return new Manifest(staticUrl, reload ? reloading(file) : once(file), fallback)
  }

  /**
   * Makes a manifest that has every name and hashes none, for tests that run without a build. Its URLs are those of
   * Django with `DEBUG = True`. `names` and `paths` are empty.
   * @throws {@link StaticFilesError} if `staticUrl` lacks its last slash
   */
  static identity(options: Pick<ManifestOptions, 'staticUrl'> = {}): Manifest {
    const content: ManifestContent = { paths: new Map(), hash: '' }
    return new Manifest(options.staticUrl, () => content)
  }

  /** All names in the manifest. */
  get names(): Iterable<string> {
    return this.paths.keys()
  }

  /** The hashed name of each name. */
  get paths(): ReadonlyMap<string, string> {
    return this.#read().paths
  }

  /** The hash of all the content, 12 hex digits, like Django's `manifest_hash`; '' if the file has none. */
  get hash(): string {
    return this.#read().hash
  }

  /** Returns whether the manifest has a name, which may have a query and a fragment as in {@link Manifest.url}. */
  has(name: string): boolean {
    return this.#identity || this.paths.has(nameParts(splitFragment(name)[0]).path)
  }

  /**
   * Returns the URL of a name, as `{% static %}` gives it before it escapes HTML: with its query and fragment, without
   * percent escapes, and unhashed if it ends in a slash (Django's
   * {@link https://docs.djangoproject.com/en/stable/ref/files/storage/#django.core.files.storage.Storage.url Storage.url}).
   * If names contain no hash (`hash: 'query'`), it has `?v=` and the hash.
   * @throws {@link StaticFilesError} if the manifest does not have the name, and is strict
   */
  url(name: StaticName): string {
    if (this.#identity) return this.#join(name)
    const [clean, fragment] = splitFragment(name)
    if (splitUrl(clean).path.endsWith('/')) return this.#join(name)
    const version = this.#read().versions?.get(nameParts(clean).path)
    const url = withVersion(this.#join(this.storedName(clean)), version)
    const mark = name.includes('?#') && version === undefined ? '?' : ''
    return url + mark + (fragment && `#${unquote(fragment)}`)
  }

  /**
   * Returns the value of `<script integrity="…">` for a name: `sha384-…`. Its query and fragment make no difference.
   * @throws {@link StaticFilesError} if the manifest does not have the name, or was built without `integrity: true`
   */
  integrity(name: StaticName): string {
    const stored = nameParts(this.storedName(splitFragment(name)[0])).path
    const digest = this.#read().integrity?.get(stored)
    if (digest === undefined) {
      throw new StaticFilesError(
        `there is no integrity for '${name}': set \`integrity: true\` in the options of the plugin, and build again`,
      )
    }
    return digest
  }

  /**
   * Returns the hashed name of a name, with its query and fragment: Django's `stored_name`.
   * @throws {@link StaticFilesError} if the manifest does not have the name, and is strict
   */
  storedName(name: string): string {
    if (this.#identity) return name
    const content = this.#read()
    const parts = nameParts(name)
    const stored = content.paths.get(parts.path) ?? this.#fallback(parts.path, content)
    const mark = name.includes('?#') && parts.query === '' ? '?' : ''
    return unsplitUrl({ ...parts, path: stored + mark })
  }
}

function nameParts(name: string): ReturnType<typeof splitUrl> {
  const parts = splitUrl(unquote(name))
  return { ...parts, path: strip(parts.path) }
}

const OTHERWISE = ', or use Manifest.identity() where no build is needed'

function once(file: string): Read {
  const content = readManifest(file, OTHERWISE)
  return () => content
}

function reloading(file: string): Read {
  let fingerprint = fingerprintOf(file)
  let content = readManifest(file, OTHERWISE)
  return () => {
    const current = fingerprintOf(file)
    if (current === fingerprint) return content
    try {
      content = readManifest(file)
      fingerprint = current
    } catch {
      // Half-written or gone: the next look-up tries again.
    }
    return content
  }
}

/** Returns a text that changes with the file, or '' if the file cannot be read. */
function fingerprintOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch {
    return ''
  }
}

function missing(file: string): Fallback {
  return (name, { paths }) => {
    const nearest = nearestNames(name, paths.keys()).map(near => `'${near}'`)
    const hint = nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : 'no name in it is like it.'
    const where = `in ${file}: ${hint} Run \`vite build\` if the file is new.`
    throw new StaticFilesError(`Missing staticfiles manifest entry for '${name}' ${where}`)
  }
}

function hashedOnDisk(folder: string): Fallback {
  return name => {
    const file = resolve(folder, name)
    if (isOutside(relative(folder, file))) {
      throw new StaticFilesError(
        `'${name}' lies outside of the manifest's folder ${folder}: give a name below it`,
      )
    }
    const digest = md5(file)
    return digest === undefined ? name : hashedName(name, digest)
  }
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
}

function md5(file: string): string | undefined {
  try {
    return hashFile(file)
  } catch {
    return undefined
  }
}
