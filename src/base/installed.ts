/** Whether a path lies in what a project has installed: nobody edits it there. */
export function isInstalled(file: string): boolean {
  return /[\\/](?:node_modules|site-packages|dist-packages)(?:[\\/]|$)/u.test(file)
}

/**
 * The path of a file as people who use the package know it: `django/contrib/admin/static`, `node_modules/jquery`;
 * `undefined` for what is not installed.
 */
export function pathInPackages(file: string): string | undefined {
  const [, python, node] =
    /.*[\\/](?:(?:site|dist)-packages[\\/](.+)|(node_modules[\\/].+))/u.exec(file) ?? []
  return (python ?? node)?.replaceAll('\\', '/')
}
