import { StaticFilesError } from './errors.ts'
import { splitUrl, unquote } from './python/url.ts'

/** Adds a stored name to the static URL. */
export type JoinUrl = (name: string) => string

/**
 * Returns the joiner of a static URL. It does what Django's `FileSystemStorage.url` and the `unquote` after it do, but
 * never escapes the name only to undo it: backslashes become slashes, and `.`, `..` and empty segments are resolved.
 * @throws {@link StaticFilesError} if the static URL does not end in a slash
 */
export function urlJoiner(staticUrl = '/static/'): JoinUrl {
  const { scheme, netloc, path } = splitUrl(checked(staticUrl))
  const origin = unquote((scheme && `${scheme}:`) + (netloc && `//${netloc}`))
  const base = path.split('/').slice(0, -1).map(unquote)
  return name => {
    const relative = name.replaceAll('\\', '/').replace(/^\/+/, '')
    return `${origin}/${resolveSegments([...base, ...relative.split('/')])}`
  }
}

/** Makes a relative static URL start at the root, as Django's settings do if no script prefix is set. */
function checked(staticUrl: string): string {
  if (!staticUrl.endsWith('/')) {
    throw new StaticFilesError(
      `staticUrl must end in a slash: write '${staticUrl}/' instead of '${staticUrl}'`,
    )
  }
  return /^(?:https?:\/\/|\/)/.test(staticUrl) ? staticUrl : `/${staticUrl}`
}

function resolveSegments(segments: readonly string[]): string {
  const resolved: string[] = []
  for (const segment of segments.slice(0, -1)) {
    if (segment === '..') resolved.pop()
    else if (segment !== '.' && segment !== '') resolved.push(segment)
  }
  const last = segments.at(-1) ?? ''
  if (last === '..') resolved.pop()
  return [...resolved, last === '.' || last === '..' ? '' : last].join('/')
}

/** Returns the path of a static URL, which may have an origin; `undefined` if no path with a slash at its end follows. */
export function staticPathOf(staticUrl: string): string | undefined {
  const path = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]+)?(\/.*)$/iu.exec(staticUrl)?.[1]
  return path?.endsWith('/') ? path : undefined
}

/** Says what is wrong with a static URL that has no such path. */
export function staticUrlProblem(staticUrl: string): string {
  return `\`staticUrl\` is '${staticUrl}', but it must be a path or an origin with a path, and end in a slash: '/static/'`
}
