/** Whether a path lies in what a project has installed: nobody edits it there. */
export function isInstalled(file: string): boolean {
  return /[\\/](?:node_modules|site-packages|dist-packages)(?:[\\/]|$)/u.test(file)
}

/** The path of a file in the packages of Python, such as `django/contrib/admin/static`; `undefined` elsewhere. */
export function pathInPackages(file: string): string | undefined {
  return /.*[\\/](?:site-packages|dist-packages)[\\/](.+)/u.exec(file)?.[1]?.replaceAll('\\', '/')
}
