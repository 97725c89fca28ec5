/** How many hex digits of the hash a hashed name carries, as in `HashedFilesMixin.file_hash`. */
export const HASH_LENGTH = 12

/** Inserts a hash before the last extension, as Python's `os.path.splitext` sees it: `a.css` → `a.5eb63bbbe01e.css`. */
export function hashedName(name: string, hash: string): string {
  const { stem, extension } = splitExtension(name)
  return `${stem}.${hash.slice(0, HASH_LENGTH)}${extension}`
}

/**
 * The pattern of the end of a hashed name, for web servers: `site.5eb63bbbe01e.css`, `LICENSE.5eb63bbbe01e`,
 * `app.5eb63bbbe01e.js.map`.
 */
export const HASHED_ENDING: string = String.raw`\.[0-9a-f]{${HASH_LENGTH}}(?:\.[^./]*(?:\.map)?)?$`

/** Removes the hash of a name: `polls/app.3f9a5eb63bbb.js` → `polls/app.js`. A name without a hash stays as it is. */
export function unhashedName(name: string): string {
  return name.replace(HASH, '')
}

const HASH = /\.([0-9a-f]{12})(?=\.[^./]*(?:\.map)?$)/u

/** Returns the hash that {@link unhashedName} removes. */
export function hashIn(name: string): string | undefined {
  return HASH.exec(name)?.[1]
}

/** Splits like Python's `os.path.splitext`: leading dots belong to the stem, so `.htaccess` has no extension. */
export function splitExtension(name: string): { stem: string; extension: string } {
  const last = basename(name)
  const dot = last.lastIndexOf('.')
  if (/^\.*$/u.test(last.slice(0, Math.max(dot, 0)))) return { stem: name, extension: '' }
  const length = name.length - last.length + dot
  return { stem: name.slice(0, length), extension: name.slice(length) }
}

/** Returns the last segment of a name. */
export function basename(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** Lists the folders that a name lies in, the innermost first: `a/b/c` → `a/b`, `a`. */
export function* foldersAbove(name: string): Generator<string> {
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1))
    yield name.slice(0, end)
}

/** Tells whether a path has no empty segment, no `.` and no `..`. */
export function isPlainPath(path: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)/u.test(path)
}
