import path from 'node:path'

/** Returns a path with slashes on every system. */
function slashed(file: string): string {
  return path.sep === '/' ? file : file.replaceAll(path.sep, '/')
}

/** Returns the path from a folder to a file, with slashes on every system. */
export function relativePath(folder: string, file: string): string {
  return slashed(path.relative(folder, file))
}

/** Returns a function from a name to its path in a folder. `path.join` would take the folder apart for each name. */
export function pathsIn(folder: string): (name: string) => string {
  const start = path.join(folder, '/')
  return path.sep === '/' ? name => start + name : name => path.join(start, name)
}

/** Returns the opposite of {@link pathsIn}: a function from a path below a folder to its name. */
export function namesIn(folder: string): (file: string) => string {
  const start = path.join(folder, '/').length
  return file => slashed(file.slice(start))
}

/** Tells whether `file` lies below `folder`; both are absolute, and links are not followed. */
export function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..'
}
