/** How many hex digits of the hash a hashed name carries, as `HashedFilesMixin.file_hash`. */
export const HASH_LENGTH = 12

/** `polls/style.css` → `polls/style.5eb63bbbe01e.css`: before the last extension, as Python's `os.path.splitext` sees it. */
export function hashedName(name: string, hash: string): string {
  const { stem, extension } = splitExtension(name)
  return `${stem}.${hash.slice(0, HASH_LENGTH)}${extension}`
}

/**
 * How a hashed name ends, as a pattern for web servers: `site.5eb63bbbe01e.css`, `LICENSE.5eb63bbbe01e`,
 * `app.5eb63bbbe01e.js.map`.
 */
export const HASHED_ENDING: string = String.raw`\.[0-9a-f]{${HASH_LENGTH}}(?:\.[^./]*(?:\.map)?)?$`

/** `polls/app.3f9a5eb63bbb.js` → `polls/app.js`; a name without a hash stays as it is. */
export function unhashedName(name: string): string {
  return name.replace(HASH, '')
}

const HASH = /\.([0-9a-f]{12})(?=\.[^./]*(?:\.map)?$)/u

/** The hash that {@link unhashedName} takes away. */
export function hashIn(name: string): string | undefined {
  return HASH.exec(name)?.[1]
}

/** Splits as Python's `os.path.splitext`: leading dots belong to the stem, so `.htaccess` has no extension. */
export function splitExtension(name: string): { stem: string; extension: string } {
  const last = basename(name)
  const dot = last.lastIndexOf('.')
  if (/^\.*$/u.test(last.slice(0, Math.max(dot, 0)))) return { stem: name, extension: '' }
  const length = name.length - last.length + dot
  return { stem: name.slice(0, length), extension: name.slice(length) }
}

/** The last segment of a name. */
export function basename(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** The folders that a name lies in, the innermost first: `a/b/c` → `a/b`, `a`. */
export function* foldersAbove(name: string): Generator<string> {
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1))
    yield name.slice(0, end)
}

/** Whether a path has no empty segment, no `.` and no `..`. */
export function isPlainPath(path: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)/u.test(path)
}
