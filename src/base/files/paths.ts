import path from 'node:path'

/** A path with slashes on every system. */
function slashed(file: string): string {
  return path.sep === '/' ? file : file.replaceAll(path.sep, '/')
}

/** The path from a folder to a file, with slashes on every system. */
export function relativePath(folder: string, file: string): string {
  return slashed(path.relative(folder, file))
}

/** What gives the path of a name in a folder: for many names, as `path.join` takes each path apart. */
export function pathsIn(folder: string): (name: string) => string {
  const start = path.join(folder, '/')
  return path.sep === '/' ? name => start + name : name => path.join(start, name)
}

/** What {@link pathsIn} undoes: the name of each path below a folder. */
export function namesIn(folder: string): (file: string) => string {
  const start = path.join(folder, '/').length
  return file => slashed(file.slice(start))
}

/** Whether `file` lies below `folder`; both are absolute, and links are not followed. */
export function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..'
}
