/** The path of a static URL, which may have an origin; `undefined` where it has none, or one without a slash at its end. */
export function staticPathOf(staticUrl: string): string | undefined {
  const path = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]+)?(\/.*)$/iu.exec(staticUrl)?.[1]
  return path?.endsWith('/') ? path : undefined
}

/** What is wrong with a static URL that has no such path. */
export function staticUrlError(staticUrl: string): string {
  return `\`staticUrl\` is '${staticUrl}', but it must be a path or an origin with a path, and end in a slash: '/static/'`
}
