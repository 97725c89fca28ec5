import path from 'node:path'

/** The path from a folder to a file, with slashes on every system. */
export function relativePath(folder: string, file: string): string {
  return path.relative(folder, file).replaceAll(path.sep, '/')
}

/** Whether `file` lies below `folder`; both are absolute, and links are not followed. */
export function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..'
}
