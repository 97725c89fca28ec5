/** How many hex digits of the hash a hashed name carries, as `HashedFilesMixin.file_hash`. */
export const HASH_LENGTH = 12

/** `polls/style.css` → `polls/style.5eb63bbbe01e.css`: before the last extension, as Python's `os.path.splitext` sees it. */
export function hashedName(name: string, hash: string): string {
  const { stem, extension } = splitExtension(name)
  return `${stem}.${hash.slice(0, HASH_LENGTH)}${extension}`
}

/** `polls/app.3f9a5eb63bbb.js` → `polls/app.js`; a name without a hash stays as it is. */
export function unhashedName(name: string): string {
  return name.replace(/\.[0-9a-f]{12}(?=\.[^./]*(?:\.map)?$)/u, '')
}

/** Splits as Python's `os.path.splitext`: leading dots belong to the stem, so `.htaccess` has no extension. */
export function splitExtension(name: string): { stem: string; extension: string } {
  const basename = name.slice(name.lastIndexOf('/') + 1)
  const dot = basename.lastIndexOf('.')
  if (/^\.*$/u.test(basename.slice(0, Math.max(dot, 0)))) return { stem: name, extension: '' }
  const length = name.length - basename.length + dot
  return { stem: name.slice(0, length), extension: name.slice(length) }
}
