/** Tells whether a path lies in an installed package, where nobody edits files. */
export function isInstalled(file: string): boolean {
  return /[\\/](?:node_modules|site-packages|dist-packages)(?:[\\/]|$)/u.test(file)
}

/**
 * Returns the path of a file as the users of its package know it: `django/contrib/admin/static`, `node_modules/jquery`;
 * `undefined` if the file is not installed.
 */
export function pathInPackages(file: string): string | undefined {
  const [, python, node] =
    /.*[\\/](?:(?:site|dist)-packages[\\/](.+)|(node_modules[\\/].+))/u.exec(file) ?? []
  return (python ?? node)?.replaceAll('\\', '/')
}
